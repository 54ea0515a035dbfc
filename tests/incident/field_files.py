"""Writes what the nodes of a run leave to an operator: keepalived's log, a capture, the configuration."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hatlab import events as e

BEGAN = datetime(2026, 11, 28, 3, 12, 7, tzinfo=UTC).timestamp()
_STAMP_LENGTH = len("Mon Nov 30 03:12:44 2026: ")


def write_files(
    events: Sequence[e.Event],
    folder: Path,
    *,
    confs: bool = True,
    logs: Sequence[str] = ("db1", "db2"),
    captures: Sequence[str] = ("db1", "db2"),
    ahead: Mapping[str, float] | None = None,
    precise: bool = False,
    began: float = BEGAN,
    captured: Mapping[str, Sequence[bytes]] | None = None,
) -> list[str]:
    """Write a folder a node.

    Args:
        logs: nodes of which there is a log, as syslog writes it: in whole seconds unless `precise`.
        captures: nodes of which there is a capture.
        ahead: node → seconds by which its clock is ahead.
        began: when the lab began, in seconds since the epoch.
        captured: node → its captures, where another program made them.

    Returns:
        The folders, as words of a command line.
    """
    ahead = ahead or {}
    nodes = dict.fromkeys([*logs, *captures])
    for node in nodes:
        home = folder / node
        home.mkdir(parents=True)
        zero = began + ahead.get(node, 0.0)
        if confs:
            text = next(ev.text for ev in events if isinstance(ev, e.Conf) and ev.node == node)
            (home / "keepalived.conf").write_text(text)
        if node in logs:
            lines = (ev for ev in events if isinstance(ev, e.Log) and ev.node == node)
            text = "".join(_syslog_line(zero, ev, precise) for ev in lines if ev.service == "keepalived")
            (home / "messages").write_text(text)
        if node in captures:
            made = [_capture(zero, events, node)] if captured is None else captured.get(node, ())
            for number, data in enumerate(made):
                (home / f"vip-{number}.pcap").write_bytes(data)
    return [f"{node}={folder / node}" for node in nodes]


def _syslog_line(zero: float, line: e.Log, precise: bool) -> str:
    moment = datetime.fromtimestamp(zero + line.at, UTC)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S.%f}+00:00" if precise else f"{moment:%b %d %H:%M:%S}"
    text = line.text[_STAMP_LENGTH:] if line.text[20:24].isdigit() else line.text
    return f"{stamp} {line.node} Keepalived_vrrp[812]: {text}\n"


def _capture(zero: float, events: Sequence[e.Event], node: str) -> bytes:
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for event in events:
        if isinstance(event, e.Advert | e.Arp) and event.node == node and event.frame:
            frame, at = bytes.fromhex(event.frame), zero + event.at
            out.append(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame)
    return b"".join(out)
