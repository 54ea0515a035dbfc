"""nft: the packet filter, for the cut of a heartbeat by hand."""

from __future__ import annotations

from lab.engine.simulator.console.host import Context, Run, unknown


def nft(ctx: Context) -> Run:
    return (yield from unknown(ctx))
