"""The examples of docs/python-api.md run, and print what the page says."""

from __future__ import annotations

import doctest
from pathlib import Path

from hatlab import api
from hatlab.events import to_json

PAGE = Path(__file__).parents[2] / "docs" / "python-api.md"


def test_the_examples_run(tmp_path: Path) -> None:
    results = doctest.testfile(str(PAGE), module_relative=False, globs={"recording": _record(tmp_path)})
    assert results.attempted > 10
    assert results.failed == 0


def _record(folder: Path) -> str:
    """A recording of a failover."""
    path = folder / "run.jsonl"
    with api.run_lab("two-node") as lab:
        lab.act("power off db1")
        lab.run_for(5)
        path.write_text("".join(to_json(event) + "\n" for event in lab.events()), encoding="utf-8")
    return str(path)


def test_the_docstring_runs() -> None:
    assert doctest.testmod(api).failed == 0
