"""Nothing grows past what a person reads in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("qfce", "factors", "sharing", "evaluation", "lending", "risk", "benchmarks", "tests")
MODULE_LINES = 500
FUNCTION_LINES = 40
LAYER_LINES = {
    "domain": 300,
    "models": 250,
    "selectors": 300,
    "services": 400,
    "api": 300,
    "web": 300,
    "permissions.py": 250,
    "policies.py": 250,
    "tasks.py": 150,
}


def files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


def limit(file: Path) -> int:
    inside = file.relative_to(ROOT).parts
    if inside[0] in {"qfce", "tests", "benchmarks"} or len(inside) < 2:
        return MODULE_LINES
    return LAYER_LINES.get(inside[1], MODULE_LINES)


@pytest.mark.parametrize("folder", SOURCES)
def test_no_module_is_larger_than_its_layer_allows(folder):
    lines = {file: len(file.read_text().splitlines()) for file in files(folder)}
    large = {
        str(file.relative_to(ROOT)): (count, limit(file))
        for file, count in lines.items()
        if count > limit(file)
    }
    assert large == {}


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring, which is for its callers."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


@pytest.mark.parametrize("folder", [name for name in SOURCES if name != "tests"])
def test_no_function_is_longer_than_a_screen(folder):
    long = {}
    for file in files(folder):
        for node in ast.walk(ast.parse(file.read_text())):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and own_lines(node) > FUNCTION_LINES:
                long[f"{file.relative_to(ROOT)}:{node.name}"] = own_lines(node)
    assert long == {}
