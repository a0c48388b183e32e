"""Nothing grows past what a person reads in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("qfce", "factors", "sharing", "evaluation", "lending", "risk", "benchmarks", "tests")
MODULE_LINES = 500
FUNCTION_LINES = 40
LONGEST_FUNCTION = 70
# What is over its layer's size today. The numbers may only fall.
MODULES_OVER = 8
FUNCTIONS_OVER = 18
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
    "register_tasks.py": 150,
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


def test_no_module_is_larger_than_anybody_reads():
    lines = {str(f.relative_to(ROOT)): len(f.read_text().splitlines()) for f in files(*SOURCES)}
    assert {name: count for name, count in lines.items() if count > MODULE_LINES} == {}


def test_modules_larger_than_their_layer_allows_only_grow_fewer():
    lines = {file: len(file.read_text().splitlines()) for file in files(*SOURCES)}
    large = {
        str(file.relative_to(ROOT)): (count, limit(file))
        for file, count in lines.items()
        if count > limit(file)
    }
    assert len(large) <= MODULES_OVER, large


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring, which is for its callers."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def long_functions(most: int) -> dict[str, int]:
    long = {}
    for file in files(*(name for name in SOURCES if name != "tests")):
        for node in ast.walk(ast.parse(file.read_text())):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and own_lines(node) > most:
                long[f"{file.relative_to(ROOT)}:{node.name}"] = own_lines(node)
    return long


def test_no_function_is_longer_than_a_page():
    assert long_functions(LONGEST_FUNCTION) == {}


def test_functions_longer_than_a_screen_only_grow_fewer():
    long = long_functions(FUNCTION_LINES)
    assert len(long) <= FUNCTIONS_OVER, long
