"""Codec against scapy, on an advert that keepalived sent: python -m tests.benchmarks.codec"""

from __future__ import annotations

from timeit import repeat

from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRP

from hatlab.vrrp import codec
from hatlab.vrrp.capture import observe_frame
from tests.vrrp.frames import V2


def main(number: int = 20_000) -> str:
    """One line with the microseconds of each and the ratio; `number`: of frames decoded at a time."""
    assert IP in Ether(V2)
    assert VRRP in Ether(V2)
    few = max(1, number // 10)
    ours = min(repeat(lambda: codec.decode(V2), number=number, repeat=5)) / number
    event = (
        min(repeat(lambda: observe_frame(0.0, "db1", "sent", "lan", V2), number=number, repeat=5)) / number
    )
    scapy = min(repeat(lambda: Ether(V2), number=few, repeat=5)) / few
    return (
        f"decode {ours * 1e6:.1f} µs, whole event {event * 1e6:.1f} µs, "
        f"scapy Ether(frame) {scapy * 1e6:.1f} µs: {scapy / ours:.0f} times as fast"
    )


if __name__ == "__main__":
    print(main())  # noqa: T201
