"""Disagreements that are understood: what the simulator leaves out on purpose, with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatlab.keepalived.diagnose.effects import unmodelled_settings
from tests.differential.case import Case
from tests.differential.compare import Difference


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of disagreement.

    Each pattern is searched for, and each must be found; an empty one always is.
    """

    reason: str
    conf: str = ""
    """In any node's keepalived.conf."""
    steps: str = ""
    """In the steps, one a line."""
    difference: str = ""
    """In every difference, as it is written."""

    def explains(self, case: Case, found: list[Difference]) -> bool:
        """True if the disagreement is of this kind."""
        steps = "\n".join(map(str, case.steps))
        return (
            any(re.search(self.conf, conf, re.MULTILINE) for conf in case.confs.values())
            and re.search(self.steps, steps, re.MULTILINE) is not None
            and all(re.search(self.difference, str(difference)) for difference in found)
        )


KNOWN: tuple[Known, ...] = ()


def reason_for(case: Case, found: list[Difference]) -> str:
    """Return why a disagreement is understood; empty if it is not."""
    unmodelled = dict.fromkeys(line for _, text in case.texts() for line in unmodelled_settings(text))
    if unmodelled:
        return "not modelled: " + "; ".join(unmodelled)
    return next((known.reason for known in KNOWN if known.explains(case, found)), "")
