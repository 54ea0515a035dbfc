"""ps, pgrep, pidof, kill, killall and pkill: the processes of a simulated machine, and signals to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.environment import ScriptProcess
from hatlab.engine.simulator.node import KEEPALIVED_COMMAND, Node
from hatlab.engine.simulator.programs.context import Context, ErrorLine, Run, fail
from hatlab.engine.simulator.programs.filters import split_options
from hatlab.engine.simulator.service import Service
from hatlab.util.bounded_pattern import compile_bounded

SIGNALS = {
    "HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15, "CONT": 18, "STOP": 19,
}  # fmt: skip
_SIGNAL_NAMES = {number: name for name, number in SIGNALS.items()}
_AGENT = "/usr/bin/python3 /usr/local/lib/hatlab"


@dataclass(frozen=True, slots=True)
class Process:
    """A line of ps."""

    pid: int
    parent: int
    name: str
    command: str
    user: str = "root"
    state: str = "S"
    memory: tuple[int, int] = (7172, 4220)
    """Virtual and resident size, KiB."""
    service: Service | None = None
    """The one that it belongs to."""
    is_vrrp_child: bool = False
    """It is keepalived's VRRP process."""
    script: ScriptProcess | None = None
    """The script that it is."""


def list_processes(ctx: Context) -> list[Process]:
    """Return what runs on the host, by process id; the shell and the asking program come last."""
    processes = [
        Process(1, 0, "tini", "/usr/bin/tini -- " + _AGENT, state="Ss", memory=(2584, 1564)),
        Process(8, 1, "python3", _AGENT, state="Sl", memory=(253848, 27828)),
    ]
    if ctx.node is not None:
        processes += _service_processes(ctx.node)
    scripts = ctx.host.scripts
    processes += [Process(s.pid, s.parent, s.name, s.command, script=s) for s in scripts.values()]
    processes.sort(key=lambda process: process.pid)
    last = max(processes[-1].pid, 80)
    shell = last + 10
    if ctx.ancestors:
        family = [a for a in ctx.ancestors if a.pid not in scripts]
        processes += [Process(last + n, a.parent, a.name, a.command) for n, a in enumerate(family, 2)]
        shell = ctx.ancestors[0].pid
    else:
        processes.append(Process(shell, 0, "bash", "-bash", state="Ss", memory=(4640, 3640)))
    processes.append(Process(last + 19, shell, ctx.argv[0], " ".join(ctx.argv), state="R"))
    return processes


def _service_processes(node: Node) -> Iterator[Process]:
    mysqld, keepalived = node.mysqld, node.keepalived
    if mysqld.pid is not None:
        state = "Tsl" if mysqld.frozen else "Ssl"
        size = (537840, 179068)
        yield Process(mysqld.pid, 8, "mysqld", "/usr/sbin/mysqld", "mysql", state, size, mysqld)
    if (pid := keepalived.pid) is not None:
        state = "T" if keepalived.frozen else "S"
        name, command = "keepalived", KEEPALIVED_COMMAND
        yield Process(pid, 8, name, command, "root", state + "s", (30552, 10116), keepalived)
        if (child := keepalived.child.pid) is not None and child > pid:
            yield Process(child, pid, name, command, "root", state, (30552, 3416), keepalived, True)


_COLUMNS: dict[str, tuple[str, Callable[[Process], str]]] = {
    "pid": ("PID", lambda p: str(p.pid)),
    "ppid": ("PPID", lambda p: str(p.parent)),
    "comm": ("COMMAND", lambda p: p.name),
    "args": ("COMMAND", lambda p: p.command),
    "user": ("USER", lambda p: p.user),
    "stat": ("STAT", lambda p: p.state),
}
_COLUMNS |= {
    "cmd": ("CMD", _COLUMNS["args"][1]),
    "command": _COLUMNS["args"],
    "ucmd": ("CMD", _COLUMNS["comm"][1]),
}
_COLUMNS |= {"uid": ("UID", _COLUMNS["user"][1]), "state": ("S", lambda p: p.state[:1])}


@dataclass(slots=True)
class _PsOptions:
    letters: str = ""
    name: str = ""
    pid: str = ""
    columns: str = ""
    headless: bool = False


def _parse_ps(words: list[str]) -> _PsOptions:
    options, words = _PsOptions(), list(words)
    while words:
        word = words.pop(0)
        if word.startswith("--no-head"):
            options.headless = True
        elif word in {"-C", "-p", "--pid"} or word in {"-o", "-eo", "-ao", "axo", "-axo", "o"}:
            value = words.pop(0) if words else ""
            if word == "-C":
                options.name = value
            elif word in {"-p", "--pid"}:
                options.pid = value
            else:
                options.columns = value
                options.letters += word.replace("-", "").replace("o", "")
        elif word.isdecimal():
            options.pid = word
        elif word == "h":
            options.headless = True
        else:
            options.letters += word.replace("-", "")
    return options


def ps(ctx: Context) -> Run:
    """ps, ps aux, ps -ef, ps -C NAME, ps -p PID, -o COLUMN,…"""
    options = _parse_ps(ctx.argv[1:])
    letters = options.letters
    if set(letters) - set("auxefwAlT"):
        return (yield from ctx.unsupported("but `aux`, `-ef`, `-C NAME`, `-p PID` and `-o COLUMN`"))
    processes = list_processes(ctx)
    if options.name or options.pid:
        chosen = options.pid.split(",")
        processes = [p for p in processes if p.name == options.name or str(p.pid) in chosen]
    elif not letters:
        processes = [p for p in processes if p.name in {"bash", ctx.argv[0]}]
    if options.columns:
        yield from _show_columns(options, processes)
    else:
        lines = _format_processes(letters, processes, ctx.argv[0])
        yield from lines[1:] if options.headless else lines
    return 0 if processes else 1


def _show_columns(options: _PsOptions, processes: list[Process]) -> Iterator[str]:
    titled = [part.partition("=") for part in options.columns.split(",")]
    columns = [(_COLUMNS.get(name, _COLUMNS["args"]), equals) for name, equals, _ in titled]
    if not options.headless and not all(equals for _, equals in columns):
        yield " ".join(column[0] for column, _ in columns)
    for process in processes:
        yield " ".join(column[1](process) for column, _ in columns)


def _format_processes(letters: str, processes: list[Process], own: str) -> list[str]:
    start = date_at(0).strftime("%H:%M")
    rows = [(p, "pts/0" if p.name in {"bash", own} else "?") for p in processes]
    if "u" in letters:
        lines = ["USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"]
        for p, tty in rows:
            size, resident = p.memory
            lines.append(
                f"{p.user:<8} {p.pid:>7}  0.0 {resident / 2.4e7 * 100:>4.1f} {size:>6} {resident:>5} "
                f"{tty:<8} {p.state:<4} {start}   0:00 {p.command}"
            )
        return lines
    if "f" in letters:
        head = "UID          PID    PPID  C STIME TTY          TIME CMD"
        return [head] + [
            f"{p.user:<8} {p.pid:>7} {p.parent:>7}  0 {start} {tty:<8} 00:00:00 {p.command}"
            for p, tty in rows
        ]
    head = "    PID TTY          TIME CMD"
    return [head] + [f"{p.pid:>7} {tty:<8} 00:00:00 {p.name}" for p, tty in rows]


_LONG_OPTIONS = {
    "exact": "x",
    "full": "f",
    "list-full": "a",
    "list-name": "l",
    "oldest": "o",
    "newest": "n",
    "count": "c",
}


def pgrep(ctx: Context) -> Run:
    """pgrep [-a|-l|-o|-n|-x|-f|-c|-v] [-u USER] PATTERN."""
    given, patterns = split_options(ctx.argv[1:], "uUGPgstdF")
    options = {_LONG_OPTIONS.get(name, name) for name in given}
    if unknown := options - set("alonxfcqwiuU"):
        return (yield from ctx.unsupported(f"the option -{min(unknown)}"))
    if len(patterns) != 1:
        return (yield from _ask_for_one_pattern(ctx, patterns))
    processes = _find_processes(ctx, patterns[0], full="f" in options, exact="x" in options)
    if user := given.get("u") or given.get("U"):
        processes = [p for p in processes if p.user == user]
    if "c" in options:
        yield str(len(processes))
        return 0 if processes else 1
    for p in processes[:1] if "o" in options else processes[-1:] if "n" in options else processes:
        name = f" {p.command}" if "a" in options else f" {p.name}" if "l" in options else ""
        yield f"{p.pid}{name}"
    return 0 if processes else 1


def pidof(ctx: Context) -> Run:
    """pidof [-s] [-x] NAME…"""
    options, names = split_options(ctx.argv[1:], "oS")
    names = [name.rpartition("/")[2] for name in names]
    with_scripts = "x" in options
    ids = [p.pid for p in list_processes(ctx)[:-1] if p.name in names and (p.script is None or with_scripts)]
    ids.reverse()
    if ids and "q" not in options:
        yield " ".join(map(str, ids[:1] if "s" in options else ids))
    return 0 if ids else 1


def _ask_for_one_pattern(ctx: Context, patterns: list[str]) -> Run:
    name = ctx.argv[0]
    why = "only one pattern can be provided" if patterns else "no matching criteria specified"
    return fail(2, f"{name}: {why}", f"Try `{name} --help' for more information.")


def _find_processes(ctx: Context, pattern: str, *, full: bool, exact: bool) -> list[Process]:
    try:
        regex = compile_bounded(f"^(?:{pattern})$" if exact else pattern)
    except re.error:
        return []
    return [p for p in list_processes(ctx)[:-1] if regex.search(p.command if full else p.name)]


def kill(ctx: Context) -> Run:
    """kill [-SIGNAL] PID…"""
    number, words = _parse_signal(ctx.argv[1:])
    if ctx.argv[1:2] == ["-l"]:
        yield " ".join(f"{n}) SIG{name}" for name, n in SIGNALS.items())
        return 0
    if number is None:
        return (
            yield from fail(
                1, f"{ctx.shell_name}: kill: {ctx.argv[1].lstrip('-')}: invalid signal specification"
            )
        )
    if not words:
        usage = "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]"
        return (yield from fail(2, f"kill: usage: {usage}"))
    by_pid, status = {p.pid: p for p in list_processes(ctx)[:-1]}, 0
    for word in words:
        if word.isdecimal() and (process := by_pid.get(int(word))) is not None:
            status = max(status, (yield from _send_signal(ctx, process, number)))
            continue
        if word.isdecimal():
            why = f"({word}) - No such process"
        else:
            why = f"{word}: no such job" if word.startswith("%") else f"`{word}': not a pid or valid job spec"
        yield ErrorLine(f"{ctx.shell_name}: kill: {why}")
        status = 1
    return status


def killall(ctx: Context) -> Run:
    """killall [-SIGNAL] NAME…"""
    quiet = "-q" in ctx.argv
    number, names = _parse_signal([w for w in ctx.argv[1:] if w not in {"-q", "-e", "-v", "-w"}])
    if number is None:
        return (yield from fail(1, f"{ctx.argv[1].lstrip('-')}: unknown signal; killall -l lists signals."))
    if not names:
        return (yield from fail(1, "Usage: killall [OPTION]... [--] NAME..."))
    status = 0
    for name in names:
        processes = [p for p in list_processes(ctx)[:-1] if p.name == name.rpartition("/")[2]]
        if not processes:
            if not quiet:
                yield ErrorLine(f"{name}: no process found")
            status = 1
        status = max(status, (yield from _send_signal_to_all(ctx, processes, number)))
    return status


def pkill(ctx: Context) -> Run:
    """pkill [-SIGNAL] PATTERN."""
    number, patterns = _parse_signal(ctx.argv[1:])
    if number is None:
        return (yield from fail(2, f"pkill: invalid option -- '{ctx.argv[1].lstrip('-')}'"))
    full, exact = "-f" in patterns, "-x" in patterns
    patterns = [p for p in patterns if p not in {"-f", "-x"}]
    if len(patterns) != 1:
        return (yield from _ask_for_one_pattern(ctx, patterns))
    processes = _find_processes(ctx, patterns[0], full=full, exact=exact)
    status = yield from _send_signal_to_all(ctx, processes, number)
    return status if processes else 1


def _parse_signal(words: list[str]) -> tuple[int | None, list[str]]:
    """Return (signal, the other words): SIGTERM without an option, None if there is no such signal."""
    name = "TERM"
    if words and words[0] in {"-s", "--signal", "-n"}:
        name, words = (words[1] if len(words) > 1 else ""), words[2:]
    elif words and words[0].startswith("-") and words[0] not in {"-f", "-x", "--"}:
        name, words = words[0][1:], words[1:]
    if words[:1] == ["--"]:
        words = words[1:]
    if name.isdecimal():
        number = int(name[:4])
        return (number if number <= 64 else None), words
    return SIGNALS.get(name.upper().removeprefix("SIG")), words


def _send_signal_to_all(ctx: Context, processes: list[Process], number: int) -> Run:
    """Signal each process; keepalived's parent hands on to its child what it gets itself."""
    parents = {p.pid for p in processes if p.service}
    status = 0
    for process in processes:
        if not (process.is_vrrp_child and process.parent in parents):
            status = max(status, (yield from _send_signal(ctx, process, number)))
    return status


def _send_signal(ctx: Context, process: Process, number: int) -> Run:
    """Signal one process, as the kernel and the program take it."""
    service, node = process.service, ctx.node
    if ctx.user not in {"root", process.user}:
        return (yield from fail(1, f"{ctx.argv[0]}: ({process.pid}) - Operation not permitted"))
    if number == 0:
        return 0
    if process.script is not None:
        process.script.signal(number)
        return 0
    if service is None or node is None:
        return (yield from ctx.unsupported(f"what becomes of a machine without {process.name}"))
    if not service.running:
        return 0
    keepalived = service is node.keepalived
    name = _SIGNAL_NAMES.get(number, str(number))
    if process.is_vrrp_child:
        if name != "KILL":
            what = f"signal {name} to keepalived's VRRP process alone (KILL it does)"
            return (yield from ctx.unsupported(what))
        node.keepalived.kill_child()
        return 0
    match name:
        case "KILL":
            service.kill()
        case "STOP":
            if not service.frozen:
                service.freeze()
        case "CONT":
            if service.frozen:
                service.thaw()
        case "TERM" | "QUIT" | "INT" if name == "TERM" or keepalived == (name == "INT"):
            _call_or_hold(service, service.stop)
        case "HUP" if keepalived:
            _call_or_hold(service, node.keepalived.reload)
        case "HUP" | "INT":
            pass  # mysqld flushes its logs, or takes no notice
        case _:
            return (yield from ctx.unsupported(f"what {service.name} does on signal {name}"))
    return 0


def _call_or_hold(service: Service, call: Callable[[], None]) -> None:
    """Handle a signal, which stays pending, once only, until a frozen process is thawed."""
    if not service.frozen:
        call()
    elif (call, ()) not in service.pending:
        service.pending.append((call, ()))
