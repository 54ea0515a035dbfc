"""Every kind of cause, a module a family.

network     what does not carry
process     keepalived and mysqld: killed, stopped or frozen
mismatch    members that do not understand each other
preemption  why the better server is content to be Backup
check       checks that fail, or pass, for no good reason
address     another address, one that is refused, an interface without a link
data        replicas that stand still, a server that takes no writes
split, status   signs that several of them share
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hatlab.drills.causes import address, check, data, mismatch, network, preemption, process
from hatlab.drills.model import Cause
from hatlab.drills.roles import Roles

FAMILIES: tuple[Callable[[Roles], Iterator[Cause]], ...] = (
    network.network_causes,
    process.process_causes,
    mismatch.mismatch_causes,
    preemption.preemption_causes,
    check.check_causes,
    address.address_causes,
    data.data_causes,
)


def list_causes(lab: Roles) -> list[Cause]:
    """Return everything that can be wrong in a topology."""
    return [cause for family in FAMILIES for cause in family(lab)]
