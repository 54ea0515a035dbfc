"""Makes damaged frames by seed: real ones with bytes changed, cut, joined, tagged, and mere noise."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hatlab.vrrp import ndisc
from tests.vrrp.frames import ADVERTS, GRATUITOUS_ARP

NEIGHBOUR = ndisc.announcement("2001:db8::100", "02:42:ac:11:00:02")
SOUND = (*ADVERTS, GRATUITOUS_ARP, NEIGHBOUR)
_TAGS = (b"\x81\x00\x00\x07", b"\x88\xa8\x00\x07", b"\x81\x00")
_TELLING = (0, 1, 2, 3, 4, 5, 6, 16, 32, 33, 51, 58, 69, 70, 112, 127, 128, 224, 254, 255)
"""Bytes that mean something in some header."""


def damaged_frames(seed: int, count: int) -> Iterator[bytes]:
    """Yield frames, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _damaged_frame(chance)


def _damaged_frame(chance: random.Random) -> bytes:
    frame = bytearray(chance.choice(SOUND))
    how = chance.random()
    if how < 0.05:
        return chance.randbytes(chance.randrange(120))
    if how < 0.15:
        frame[12:12] = chance.choice(_TAGS) * chance.randrange(1, 4)
    if how < 0.3:
        del frame[chance.randrange(len(frame) + 1) :]
    elif how < 0.4:
        frame += chance.randbytes(chance.randrange(60))
    elif how < 0.5:
        at = chance.randrange(len(frame))
        frame[at:at] = chance.choice(SOUND)[chance.randrange(40) :]
    for _ in range(chance.randrange(5) if frame else 0):
        new = chance.choice(_TELLING) if chance.random() < 0.7 else chance.randrange(256)
        frame[chance.randrange(len(frame))] = new
    return bytes(frame)
