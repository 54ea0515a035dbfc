"""The files and processes that instances may track, as keepalived takes their blocks (track_file.c,
vrrp_parser.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatlab.keepalived.parser import Statement, parse_config
from hatlab.keepalived.tracks import read_number

_STRTOL = re.compile(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)")
_DIGITS = tuple("-0123456789")
_MOST_STATUS = 2**31
_MOST_PROCESSES = 65_535
_MOST_DELAY = 3600.0


@dataclass(frozen=True, slots=True)
class TrackFile:
    """One track_file block."""

    name: str
    path: str
    initial: int | None = None
    """What the daemon writes into a file that is not there at its start; None without `init_file`."""
    overwrite: bool = False
    """It does so even if the file is there."""


@dataclass(frozen=True, slots=True)
class TrackProcess:
    """One vrrp_track_process block."""

    name: str
    process: str
    """The name of the program; with parameters, or `full_command`, its path as it was started."""
    parameters: tuple[str, ...] = ()
    match: str = ""
    """How the parameters are compared: `exact`, `initial` or `partial`; empty for not at all."""
    full_command: bool = False
    quorum: int = 1
    """At least so many processes."""
    quorum_max: int = _MOST_PROCESSES
    """At most so many."""
    terminate_delay: float = 0.0
    """Seconds from too few processes until it counts."""

    def matches(self, name: str, command: str) -> bool:
        """True if a process of this name and command line is one of them."""
        if not self.full_command:
            return name == self.process
        program, *parameters = command.split()
        if program != self.process:
            return False
        ours = list(self.parameters)
        match self.match:
            case "exact":
                return parameters == ours
            case "initial":
                return " ".join(parameters).startswith(" ".join(ours))
            case "partial":
                return parameters[: len(ours)] == ours
        return True

    def has_quorum(self, count: int) -> bool:
        """True if there are as many processes as there shall be."""
        return self.quorum <= count <= self.quorum_max


def read_track_files(text: str) -> dict[str, TrackFile]:
    """Each track_file of a keepalived.conf, by name. Never raises."""
    root = parse_config(text)
    blocks = [b for b in root.body or () if b.keyword in {"track_file", "vrrp_track_file"} and b.value()]
    found: dict[str, TrackFile] = {}
    for block in blocks:
        file, init = next(block.all("file"), None), block.last("init_file")
        words = [word.text for word in init.words[1:]] if init else []
        numbers = [read_number(word, -_MOST_STATUS, _MOST_STATUS) for word in words if word[:1] in _DIGITS]
        if file is not None and file.value():
            initial = ((numbers or [0])[-1] or 0) if init else None
            found.setdefault(
                block.value(), TrackFile(block.value(), file.value(), initial, "overwrite" in words)
            )
    return found


def read_track_processes(text: str) -> dict[str, TrackProcess]:
    """Each vrrp_track_process of a keepalived.conf, by name. Never raises."""
    found: dict[str, TrackProcess] = {}
    for block in parse_config(text).all("vrrp_track_process"):
        process = next(block.all("process"), None)
        if block.value() and process is not None and process.value():
            found.setdefault(block.value(), _read_process(block, process))
    return found


def read_status(text: str) -> int | None:
    """The number at the head of a tracked file, in any of C's notations; 0 for none, None beyond 32 bits."""
    match = _STRTOL.match(text[:127])
    if match is None:
        return 0
    digits = match[2].lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    number = int(digits, base) * (-1 if match[1] == "-" else 1)
    return number if -_MOST_STATUS <= number <= _MOST_STATUS else None


def _read_process(block: Statement, process: Statement) -> TrackProcess:
    parameters = tuple(word.text for word in process.words[2:])
    matching = block.last("param_match")
    match = "exact" if parameters or matching else ""
    if matching is not None and matching.value() in {"initial", "partial"}:
        match = matching.value()
    least, most = (block.last(word) for word in ("quorum", "quorum_max"))
    quorum = read_number(least.value(), 1, _MOST_PROCESSES) if least else None
    quorum_max = read_number(most.value(), 0, _MOST_PROCESSES) if most else None
    delay = block.last("delay", "terminate_delay")
    return TrackProcess(
        block.value(),
        process.value(),
        parameters,
        match,
        full_command=bool(match) or block.last("full_command") is not None,
        quorum=0 if quorum_max == 0 else quorum or 1,
        quorum_max=_MOST_PROCESSES if quorum_max is None else quorum_max,
        terminate_delay=_read_delay(delay.value()) if delay else 0.0,
    )


def _read_delay(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds <= _MOST_DELAY else 0.0
