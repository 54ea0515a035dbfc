"""Every kind of cause, a module a family.

network   what does not carry
process   keepalived and mysqld: killed, stopped, frozen
mismatch  members that do not understand each other
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hatlab.drills.causes import mismatch, network, process
from hatlab.drills.model import Cause
from hatlab.drills.roles import Roles

FAMILIES: tuple[Callable[[Roles], Iterator[Cause]], ...] = (
    network.network_causes,
    process.process_causes,
    mismatch.mismatch_causes,
)


def list_causes(lab: Roles) -> list[Cause]:
    """Return everything that can be wrong in a topology."""
    return [cause for family in FAMILIES for cause in family(lab)]
