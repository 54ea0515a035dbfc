"""Faults as the lines of a script, and the folder in which a person finds topology and script."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hatlab.actions.timed_script import ScriptLine
from hatlab.incident.reproduce.faults import InferredFault
from hatlab.incident.reproduce.seen import Seen
from hatlab.topology import Topology

TOPOLOGY, SCRIPT, AS_SEEN = "topology.yaml", "script.txt", "as-seen.txt"
"""Names of the files in the folder."""
_AFTER_END = 2.5
"""Seconds that the script goes on behind the end of the recording: what it ends with may come later."""


def script_lines(seen: Seen, faults: Iterable[InferredFault], lead: float = 0.0) -> tuple[ScriptLine, ...]:
    """Return faults as lines of a script, in order.

    Args:
        seen: the recording, whose times the faults have.
        faults: in any order.
        lead: seconds by which all of it comes later, where nothing says when the lab was ready.
    """
    ordered = sorted(faults, key=lambda fault: fault.at)
    lines = []
    for number, fault in enumerate(ordered, 1):
        at = max(0.0, round(seen.script_time(fault.at) + lead, 3))
        lines.append(ScriptLine(at, (*fault.verb.split(), *fault.targets), number, fault.text))
    return tuple(lines)


def script_length(seen: Seen, lead: float = 0.0) -> float:
    """Return the seconds after ready at which the script ends: when the recording does."""
    return max(seen.script_time(seen.ends) + lead, 0.0) + _AFTER_END


def format_script(
    lines: Sequence[ScriptLine], faults: Iterable[InferredFault], length: float, source: str
) -> str:
    """Return a script as a file, each line with why it is there."""
    ordered = sorted(faults, key=lambda fault: fault.at)
    text = [f"# The faults that explain {_plain(source)}, as hatlab reproduce found them."]
    for line, fault in zip(lines, ordered, strict=True):
        text.append(f"# {_plain(fault.why)}")
        text.append(f"{line.at:<8g}{shlex.join(line.words)}")
    text.append(f"{length:<8.1f}end")
    return "\n".join(text) + "\n"


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def format_topology(topology: Topology) -> str:
    """Return a topology as a file: what is as it would be anyway is left out."""
    import yaml

    data = {"version": 1, **topology.to_data()}
    return yaml.dump(data, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110)


def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes longer texts line by line."""

    def represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        style = "|" if "\n" in text else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, represent)
    return Dumper


def files_of(
    seen: Seen,
    topology: Topology,
    faults: Sequence[InferredFault],
    lead: float,
    source: str,
    as_seen: Sequence[InferredFault] = (),
) -> Mapping[str, str]:
    """Return name → text of the files of a reproduction: topology, script, and what it edits.

    Args:
        as_seen: what does the same without chance; another script.
    """
    lines, length = script_lines(seen, faults, lead), script_length(seen, lead)
    edits = {fault.targets[-1]: fault.text for fault in faults if fault.verb == "edit"}
    exact = script_lines(seen, as_seen, lead)
    return {
        TOPOLOGY: format_topology(topology),
        SCRIPT: format_script(lines, faults, length, source),
        **({AS_SEEN: format_script(exact, as_seen, length, source)} if exact else {}),
        **edits,
    }
