"""Reads each form of a log and of a capture as text, in MB a second: python -m tests.benchmarks forms

One line of a hundred is keepalived's, but where the form has nothing else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hatlab.incident.sources import Hints, find_zone, read_source

SIZE = 8_000_000
BEGAN = datetime(2026, 11, 28, tzinfo=UTC)
_STATES = ("Entering MASTER STATE", "Entering BACKUP STATE")
Line = Callable[[datetime, str, int, str], str]


def _docker_file(at: datetime, program: str, pid: int, text: str) -> str:
    return json.dumps({"log": f"{program}: {text}\n", "stream": "stdout", "time": f"{at:%FT%T.%f}000Z"})


def _journal_json(at: datetime, program: str, pid: int, text: str) -> str:
    return json.dumps(
        {
            "__REALTIME_TIMESTAMP": str(int(at.timestamp() * 1e6)),
            "_HOSTNAME": "db1",
            "SYSLOG_IDENTIFIER": program,
            "_PID": str(pid),
            "PRIORITY": "6",
            "MESSAGE": text,
        }
    )


_LOGS: dict[str, Line] = {
    "syslog (RFC 3164)": lambda at, program, pid, text: f"{at:%b %d %H:%M:%S} db1 {program}[{pid}]: {text}",
    "syslog (RFC 5424)": lambda at, program, pid, text: (
        f"<30>1 {at:%FT%T.%f}Z db1 {program} {pid} - - {text}"
    ),
    "journalctl -o short-iso-precise": lambda at, program, pid, text: (
        f"{at:%FT%T.%f}+0000 db1 {program}[{pid}]: {text}"
    ),
    "journalctl -o json": _journal_json,
    "docker logs -t": lambda at, program, pid, text: f"{at:%FT%T.%f}000Z {text}",
    "docker logs": lambda at, program, pid, text: text,
    "docker compose logs": lambda at, program, pid, text: f"db1-1  | {text}",
    "Docker's own file": _docker_file,
    "kubectl logs --timestamps": lambda at, program, pid, text: f"{at:%FT%T.%f}000Z {text}",
    "containerd's file": lambda at, program, pid, text: f"{at:%FT%T.%f}000Z stdout F {text}",
}


def _log(form: Line, most: int, *, others: int = 99) -> Iterator[str]:
    size, number = 0, 0
    while size < most:
        at = BEGAN + timedelta(seconds=number * 0.05)
        if number % (others + 1):
            said = f"request {number} answered in {number % 89} ms, status 200"
            line = form(at, "app", number % 977 + 1, said)
        else:
            line = form(at, "Keepalived_vrrp", 812, f"(VI_1) {_STATES[number // 100 % 2]}")
        size += len(line) + 1
        number += 1
        yield line


def _daemon(most: int) -> Iterator[str]:
    """keepalived -n -l -D: each line is its own, with its own stamp."""
    return (
        f"{BEGAN + timedelta(seconds=number):%a %b %d %H:%M:%S %Y}: (VI_1) {_STATES[number % 2]}"
        for number in range(most // 52)
    )


def _bare_daemon(most: int) -> Iterator[str]:
    """The same through `docker logs` with --no-... stamps: nothing but what keepalived says."""
    return (f"(VI_1) {_STATES[number % 2]}" for number in range(most // 29))


def _mysqld(most: int) -> Iterator[str]:
    return (
        f"{BEGAN + timedelta(seconds=number):%FT%T.%f}Z {number} [Note] [MY-010914] [Server] "
        f"Aborted connection {number} to db: 'shop' user: 'app' host: '10.0.0.{number % 200}'."
        for number in range(most // 130)
    )


def _tcpdump(most: int) -> Iterator[str]:
    return (
        f"{BEGAN + timedelta(seconds=number):%H:%M:%S.%f} IP 10.0.0.11 > 224.0.0.18: VRRPv2, Advertisement, "
        "vrid 51, prio 150, authtype none, intvl 1s, length 20"
        for number in range(most // 120)
    )


def _tshark(most: int) -> Iterator[str]:
    return (
        f"{number + 1:5} {number}.000000000 10.0.0.11 → 224.0.0.18 VRRP 60 Announcement (v2)"
        for number in range(most // 75)
    )


def _monitor(most: int) -> Iterator[str]:
    return (
        f"[{BEGAN + timedelta(seconds=number):%FT%T.%f}] {'Deleted ' * (number % 2)}2: eth0    inet "
        "10.0.0.100/24 scope global secondary eth0"
        for number in range(most // 90)
    )


_OTHERS: dict[str, Callable[[int], Iterator[str]]] = {
    "keepalived -n -l -D": _daemon,
    "docker logs of keepalived": _bare_daemon,
    "mysqld's error log": _mysqld,
    "tcpdump -n": _tcpdump,
    "tshark": _tshark,
    "ip -ts -o monitor": _monitor,
}


def rows(size: int = SIZE) -> Iterator[str]:
    """A row a form: MB a second, and how long 100 MB of it take, twice read as an import does."""
    with TemporaryDirectory() as folder:
        for name, form in _LOGS.items():
            yield _row(name, Path(folder), _log(form, size))
        for name, make in _OTHERS.items():
            yield _row(name, Path(folder), make(size))


def _row(name: str, folder: Path, lines: Iterator[str]) -> str:
    file = folder / "log"
    file.write_text("".join(f"{line}\n" for line in lines))
    size = file.stat().st_size / 1e6
    began = time.process_time()
    records = sum(1 for _ in read_source(file, "log", Hints(zone=find_zone("UTC"))))
    spent = time.process_time() - began
    return f"| {name} | {size / spent:.1f} MB/s | 100 MB in {2 * 100 * spent / size:.0f} s | {records:,} |"
