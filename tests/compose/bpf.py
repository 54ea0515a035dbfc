"""Runs a classic BPF program as the kernel would."""

from __future__ import annotations

from compose.agent.frame_capture import Program


def run_filter(program: Program, frame: bytes, kind: int = 0) -> bool:
    """Return whether the filter passes a frame of packet type `kind`."""
    at = value = 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        match code:
            case 0x20:
                value = kind
            case 0x28:
                value = int.from_bytes(frame[k : k + 2])
            case 0x30:
                value = frame[k]
            case 0x15:
                at += yes if value == k else no
            case _:
                return k > 0
