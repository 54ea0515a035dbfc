"""What `hatlab down` says of each lab: in words, or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hatlab.commands.support.json_output import print_json
from hatlab.commands.support.output import print_line

if TYPE_CHECKING:
    from hatlab.engine.docker.cleanup import Left


@dataclass(frozen=True, slots=True)
class LabEnd:
    """What came of a lab."""

    lab: str
    """Its id."""
    outcome: Literal["ended", "removed", "kept", "left"]
    """`kept`: it is not yours; `left`: something of your own lab could not be removed."""
    removed: tuple[str, ...]
    """Names of what was removed."""
    text: str
    left: tuple[Left, ...] = ()
    """What could not be removed, as far as the engine says it."""

    @property
    def is_failure(self) -> bool:
        return self.outcome == "left"


def print_end(end: LabEnd, as_json: bool) -> None:
    """Write what came of a lab as a line of text or of JSON."""
    if not as_json:
        print_line(end.text)
        return
    left = [{"name": left.name, "reason": left.reason, "hint": left.hint} for left in end.left]
    data = {"lab": end.lab, "outcome": end.outcome, "removed": end.removed, "left": left, "text": end.text}
    print_json(data)
