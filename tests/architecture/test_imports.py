"""Who may import whom: the contracts of pyproject.toml, and what they can't say."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("factors", "sharing", "evaluation", "lending", "risk")
# Asks each app what waits for a reader, by names that the project's shell gives it.
BY_NAME = {"factors/selectors/comparisons.py", "qfce/kernel/web/landing.py"}
FRAMEWORKS = ("django", "rest_framework", "celery", "redis", "guardian", "psycopg", "requests")


def modules(*folders: str) -> list[str]:
    return sorted(
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if file.name != "__init__.py" and "migrations" not in file.parts
    )


def test_every_import_contract_is_kept():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout


def test_domain_modules_load_no_framework():
    """Not even by way of somebody else: in a process of their own, none is loaded."""
    names = modules(*(f"{app}/domain" for app in APPS))
    assert names
    program = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
        f"print(*(name for name in {FRAMEWORKS!r} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("app", APPS)
def test_services_and_selectors_take_actor_and_time_by_name(app):
    positional = []
    for name in modules(f"{app}/services", f"{app}/selectors"):
        for label, function in inspect.getmembers(import_module(name), inspect.isfunction):
            if function.__module__ != name or label.startswith("_"):
                continue
            for parameter in inspect.signature(function).parameters.values():
                by_name = parameter.kind is inspect.Parameter.KEYWORD_ONLY
                if parameter.name in {"actor", "at"} and not by_name:
                    positional.append(f"{name}.{label}({parameter.name})")
    assert positional == []


def test_packages_are_empty_but_for_models():
    """An __init__ that imports things makes every import of a neighbor cost and depend."""
    full = []
    for file in ROOT.glob("*/**/__init__.py"):
        inside = file.relative_to(ROOT)
        ours = inside.parts[0] in {*APPS, "qfce", "tests"}
        if ours and file.read_text().strip() and file.parent.name != "models":
            full.append(str(inside))
    assert full == []


def _spelt_out(call: ast.Call, app: str) -> bool:
    """Whether a call names, letter by letter, a module of its own app, as `0002_…` has to be."""
    return (
        len(call.args) == 1
        and isinstance(call.args[0], ast.Constant)
        and str(call.args[0].value).startswith(f"{app}.")
    )


def test_nobody_imports_inside_a_function_to_get_around_a_contract():
    """The contracts see such imports too; what they can't see is a name put together."""
    hidden = []
    for app in (*APPS, "qfce"):
        for file in (ROOT / app).rglob("*.py"):
            if str(file.relative_to(ROOT)) in BY_NAME:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name | ast.Attribute)
                    and getattr(node.func, "id", getattr(node.func, "attr", ""))
                    in {"import_module", "__import__", "import_string"}
                    and not _spelt_out(node, app)
                ):
                    hidden.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert hidden == []
