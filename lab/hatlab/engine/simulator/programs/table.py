"""Which name is which program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from hatlab.engine.simulator.programs.context import Program

_WAITING: dict[str, str] = {
    **dict.fromkeys(("cat", "less", "more"), "filters.cat"),
    **dict.fromkeys(("grep", "egrep", "fgrep"), "filters.grep"),
    "head": "filters.head",
    "tail": "filters.tail",
    "wc": "filters.wc",
    "sort": "filters.sort",
    "uniq": "filters.uniq",
    "cut": "filters.cut",
    "tr": "filters.tr",
    "tee": "filters.tee",
    "xargs": "filters.xargs",
    **dict.fromkeys(("awk", "mawk"), "awk.awk"),
    "sed": "files.sed",
    "mysql": "mysql.mysql",
    "mysqladmin": "mysql.mysqladmin",
    **dict.fromkeys(("ping", "ping6"), "ping.ping"),
    "quorum": "ping.quorum",
    "nc": "sockets.nc",
    "curl": "sockets.curl",
    "sleep": "small_programs.sleep",
    "logger": "small_programs.logger",
    "timeout": "launchers.timeout",
    "env": "launchers.env",
    **dict.fromkeys(("nohup", "nice", "ionice", "setsid", "stdbuf"), "launchers.run_other"),
    "flock": "launchers.flock",
    "service": "services.service",
    "systemctl": "services.systemctl",
}
"""Programs that read, wait or run others; they ask the lab by `Context.ask` alone."""
_PLACES: dict[str, str] = {
    **_WAITING,
    "ip": "ip.ip",
    "ps": "processes.ps",
    "pgrep": "processes.pgrep",
    "pidof": "processes.pidof",
    "kill": "processes.kill",
    "killall": "processes.killall",
    "pkill": "processes.pkill",
    "journalctl": "services.journalctl",
    **dict.fromkeys(("ls", "ll"), "files.ls"),
    "chmod": "files.chmod",
    "touch": "files.touch",
    "rm": "files.rm",
    "mkdir": "files.mkdir",
    **dict.fromkeys(("cp", "mv"), "files.copy"),
    **dict.fromkeys(("nano", "vi"), "files.run_editor"),
    "keepalived": "files.keepalived",
    "tcpdump": "capture.tcpdump",
    "ss": "sockets.ss",
    "netstat": "sockets.netstat",
    "nft": "nft.nft",
    "help": "small_programs.show_help",
    "hostname": "small_programs.hostname",
    "date": "small_programs.show_date",
    "uptime": "small_programs.uptime",
    "clear": "small_programs.clear",
    "history": "small_programs.history",
    **dict.fromkeys(("true", "false"), "small_programs.exit_status"),
    "which": "small_programs.which",
    **dict.fromkeys(("basename", "dirname"), "small_programs.basename"),
    "seq": "small_programs.seq",
    "expr": "small_programs.expr",
    "uname": "small_programs.uname",
    "whoami": "small_programs.whoami",
    "id": "small_programs.show_id",
}
"""The name of each program → the module here and the function."""
WAITING = frozenset(_WAITING)


class _Table(Mapping[str, Program]):
    """The programs by their names; a program's module is loaded when it runs for the first time."""

    def __getitem__(self, name: str) -> Program:
        module, _, function = _PLACES[name].partition(".")
        program: Program = getattr(import_module(f"{__package__}.{module}"), function)
        return program

    def __contains__(self, name: object) -> bool:
        return name in _PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Table:
        return self


PROGRAMS: Mapping[str, Program] = _Table()
