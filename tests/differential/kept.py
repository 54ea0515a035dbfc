"""Cases that differed once, as files: each holds what real keepalived did, and is a test of the simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.differential.case import Case
from tests.differential.compare import TOLERANCE
from tests.differential.log_lines import is_compared
from tests.differential.outcome import Fact, Outcome

FOLDER = Path(__file__).parent / "cases"


def write_case(file: Path, case: Case, outcome: Outcome, comments: list[str]) -> None:
    """Keep a case with its real outcome; the comments stand at its head."""
    facts = {
        kind: [_to_line(fact) for fact in getattr(outcome, kind) if kind != "logs" or is_compared(fact.what)]
        for kind in TOLERANCE
    }
    done = [round(at, 4) for at in outcome.done]
    data = {**case.to_data(), "real": {"done": done, **facts}}
    head = "".join(f"# {line}\n" for line in comments)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(head + yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=110))


def read_case(file: Path) -> tuple[Case, Outcome]:
    """Read what `write_case` wrote."""
    data = yaml.safe_load(file.read_text())
    real = data.pop("real")
    facts = {kind: tuple(map(_from_line, real[kind])) for kind in TOLERANCE}
    return Case.from_data(data), Outcome(**facts, done=tuple(real["done"]))


def _to_line(fact: Fact) -> str:
    return f"{fact.at:.3f} | {fact.who} | {fact.what}"


def _from_line(line: str) -> Fact:
    at, who, what = line.split(" | ", 2)
    return Fact(float(at), who, what)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _write_text)
