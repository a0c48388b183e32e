"""Where the seconds of an import go: each phase by name, printed under a measurement."""

import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

# The parts of a check and of a publication that follow one another; none is inside another.
PHASES = (
    ("read", "sharing.domain.reading", "read"),
    ("register looked up", "sharing.services.import_lookups", "known"),
    ("other look-ups", "sharing.services.import_checks", "_surroundings"),
    ("checks", "sharing.services.import_checks", "check_sheet"),
    ("elsewhere looked up", "sharing.services.import_checks", "_elsewhere"),
    ("kept out", "sharing.services.import_checks", "_keep_out"),
    ("news", "sharing.services.import_checks", "_news"),
    ("stored values", "sharing.services.import_lookups", "stored_values"),
    ("staged", "sharing.services.staged_rows", "write"),
    ("copied", "sharing.services.publication_rows", "load"),
    ("findings kept", "sharing.services.import_results", "_keep_findings"),
    ("codes kept", "sharing.services.import_results", "keep_keys"),
    ("unmoved", "sharing.services.import_work", "_check_unmoved"),
    ("numbered", "sharing.services.publications", "finish"),
)


@contextmanager
def told() -> Iterator[None]:
    """Print where the time of the block went; what no phase accounts for is `rest`."""
    spent: dict[str, float] = defaultdict(float)
    began = time.perf_counter()
    with ExitStack() as stack:
        for label, module, name in PHASES:
            found = getattr(importlib.import_module(module), name)
            stack.enter_context(patch(f"{module}.{name}", _timed(found, label, spent)))
        statements = stack.enter_context(_statements())
        yield
    whole = time.perf_counter() - began
    rest = whole - sum(spent.values()) - sum(statements.values())
    lines = sorted((spent | statements | {"rest": rest}).items(), key=lambda entry: -entry[1])
    print(
        "    " + ", ".join(f"{label} {seconds:.2f}" for label, seconds in lines if seconds > 0.05)
    )


def _timed(function: Callable[..., Any], label: str, spent: dict[str, float]) -> Any:
    @wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[label] += time.perf_counter() - began

    return timed


@contextmanager
def _statements() -> Iterator[dict[str, float]]:
    """Yield the seconds of each statement that publishing runs, by its name in the source."""
    from sharing.services import publication_rows, publication_sql

    known = {
        getattr(publication_sql, name).strip(): name.lower().replace("_", " ")
        for name in dir(publication_sql)
        if name.isupper() and isinstance(getattr(publication_sql, name), str)
    }
    spent: dict[str, float] = defaultdict(float)
    run = publication_rows._run

    def timed(cursor: Any, statement: str, facts: Any) -> int:
        began = time.perf_counter()
        try:
            return run(cursor, statement, facts)
        finally:
            head = next(
                (name for text, name in known.items() if statement.strip().startswith(text)), "sql"
            )
            spent[head] += time.perf_counter() - began

    with patch("sharing.services.publication_rows._run", timed):
        yield spent
