"""A field case as somebody would try it: `hatlab topology-from`, then a lab in which its script is played."""

from __future__ import annotations

import io
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hatlab import events as e
from hatlab.actions.timed_script import read_script
from hatlab.api import Lab, run_lab
from hatlab.cli import main
from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.compiler import compile_condition
from hatlab.lessons.conditions.parser import parse_condition
from hatlab.lessons.conditions.trace import Observation, Trace
from hatlab.util.files import shipped_folder
from tests.field_cases.table import FieldCase


@dataclass(frozen=True)
class Made:
    """What `hatlab topology-from` made."""

    text: str
    """The topology."""
    said: str
    """On stderr."""

    @property
    def comment(self) -> str:
        """The lines before the topology itself."""
        return "".join(line for line in self.text.splitlines(keepends=True)[:60] if line.startswith("#"))


def make_topology(*paths: Path, options: tuple[str, ...] = ()) -> Made:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["topology-from", *options, *map(str, paths)])
    assert code == 0, err.getvalue()
    return Made(out.getvalue(), err.getvalue())


def write_topology(case: FieldCase, folder: Path) -> Path:
    if not case.confs:
        return shipped_folder("topologies") / "two-node.yaml"
    file = folder / f"{case.folder}.yaml"
    file.write_text(make_topology(*case.paths).text, encoding="utf-8")
    return file


def play(case: FieldCase, file: Path, engine: Literal["sim", "docker"] = "sim") -> list[str]:
    """Run a case's topology with its script; return its conditions and log lines that do not show."""
    with run_lab(file, engine=engine) as lab:
        began = lab.now
        for line in read_script(case.script, lab.layout) if case.script else ():
            lab.run_for(began + line.at - lab.now)
            lab.act(shlex.join(line.words))
        lab.run_for(began + case.seconds - lab.now)
        missing = [written for written in case.shows if not _holds(lab, written)]
        logged = [o.text for o in lab.events() if isinstance(o, e.Log) and o.service == "keepalived"]
        return missing + [text for text in case.log if not any(text in line for line in logged)]


def _holds(lab: Lab, written: str) -> bool:
    """True if a condition holds at the end of what happened so far."""
    inner = written.removeprefix("not ")
    parsed = parse_condition(inner if inner == written else {"not": inner})
    condition = compile_condition(parsed, lab.layout)
    trace, holds, memo = Trace(0.0), False, None
    for step in lab.steps():
        trace = traces.update(trace, step.before, step.event, step.after)
        holds, memo = condition.step(memo, Observation(step.after, trace))
    return holds
