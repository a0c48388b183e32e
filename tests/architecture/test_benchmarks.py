"""The benchmarks run rarely; what they lean on must not go from under them unseen."""

import importlib
from pathlib import Path

import pytest

from benchmarks.phases import PHASES

MODULES = sorted(
    file.stem
    for file in (Path(__file__).parents[2] / "benchmarks").glob("*.py")
    if file.stem != "run" and "\nNAME = " in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_a_benchmark_offers_what_the_runner_asks_for(module):
    found = importlib.import_module(f"benchmarks.{module}")

    for name in ("NAME", "ROWS", "BOUND", "AT_MOST", "prepare", "measure_ours"):
        assert hasattr(found, name), name


@pytest.mark.parametrize(("label", "module", "name"), PHASES)
def test_a_phase_that_is_timed_is_there(label, module, name):
    assert callable(getattr(importlib.import_module(module), name, None)), label


def test_there_are_benchmarks():
    assert len(MODULES) >= 10
