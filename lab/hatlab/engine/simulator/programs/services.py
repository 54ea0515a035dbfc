"""service, systemctl and journalctl. On a real node `service` asks the node's agent, whose words it uses."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from hatlab import events as e
from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.node import Node
from hatlab.engine.simulator.programs.context import (
    Context,
    ErrorLine,
    Item,
    Run,
    ask_at_once,
    fail,
)
from hatlab.engine.simulator.programs.processes import list_processes
from hatlab.engine.simulator.service import Service
from hatlab.engine.simulator.service_change import ServiceChange, outcome_of

_VERBS = {"start", "stop", "restart", "reload", "status"}
_UNITS = {"mysqld": "mysqld", "mysql": "mysqld", "keepalived": "keepalived"}
_TITLES = {"mysqld": "MySQL Server", "keepalived": "Keepalive Daemon (LVS and VRRP)"}


def service(ctx: Context) -> Run:
    """service NAME start|stop|restart|reload|status."""
    words = ctx.argv[1:]
    if len(words) != 2 or words[0] not in _UNITS or words[1] not in _VERBS:
        return (yield from fail(2, "usage: service mysqld|keepalived start|stop|restart|reload|status"))
    if ctx.node is None:
        return (yield from fail(1, f"service: {ctx.host.name} has no {words[0]}"))
    name = _UNITS[words[0]]
    process = ctx.node.services.get(name)
    if process is None:
        return (yield from fail(1, f"service: {ctx.host.name} runs no {name}"))
    if words[1] == "status":
        yield f"{name}: {ctx.ask(str, process)}"
        return 0 if ctx.ask(_is_running, process) else 3
    steps = ["stop", "start"] if words[1] == "restart" else [words[1]]
    for step in steps:
        effect, done = yield from _carry_out(ctx, ctx.node, name, step)
        yield effect if done else f"service: {effect}"
        if not done and len(steps) == 1:
            return 1
    return 0


def systemctl(ctx: Context) -> Run:
    """systemctl start|stop|restart|reload|status|is-active|kill UNIT: as on a machine that systemd runs."""
    words = [word for word in ctx.argv[1:] if not word.startswith("-")]
    quiet = bool({"-q", "--quiet"} & set(ctx.argv))
    verbs = {*_VERBS, "is-active", "is-failed", "is-enabled", "kill"}
    if not words or words[0] not in verbs:
        return (yield from ctx.unsupported(f"but {', '.join(sorted(verbs))}"))
    if len(words) < 2:
        return (yield from fail(1, "Too few arguments."))
    status = 0
    for word in words[1:]:
        name = _UNITS.get(word.removesuffix(".service"))
        if name is None or ctx.node is None or name not in ctx.node.services:
            unit = word if "." in word else f"{word}.service"
            if words[0] == "status":
                yield ErrorLine(f"Unit {unit} could not be found.")
                status = 4
            elif words[0] in {"is-active", "is-failed"}:
                if not quiet:
                    yield "inactive"
                status = 4
            else:
                yield ErrorLine(f"Failed to {words[0]} {unit}: Unit {unit} not found.")
                status = 5
            continue
        status = max(status, (yield from _control_unit(ctx, ctx.node, name, words[0], quiet)))
    return status


def _control_unit(ctx: Context, node: Node, name: str, verb: str, quiet: bool) -> Run:
    process = node.services[name]
    running = ctx.ask(_is_running, process)
    match verb:
        case "is-active":
            if not quiet:
                yield ctx.ask(_unit_state, process)[0]
            return 0 if running else 3
        case "is-failed":
            state = ctx.ask(_unit_state, process)[0]
            if not quiet:
                yield state
            return int(state != "failed")
        case "is-enabled":
            yield "enabled"
            return 0
        case "status":
            lines, status = ctx.ask(_status_lines, ctx, process)
            yield from [] if quiet else lines
            return status
        case "start" | "stop" | "kill" if running == (verb == "start"):
            return 0
        case "reload" if name == "mysqld":
            why = "Job type reload is not applicable for unit mysqld.service."
            return (yield from fail(1, f"Failed to reload mysqld.service: {why}"))
        case "reload" if not running:
            return (yield from fail(1, f"{name}.service is not active, cannot reload."))
    steps = {"restart": ["stop", "start"][not running :], "kill": ["stop"]}.get(verb, [verb])
    for step in steps:
        effect, done = yield from _carry_out(ctx, node, name, step)
        if not done:
            return (yield from fail(1, f"Job for {name}.service failed: {effect}"))
    return 0


def _carry_out(
    ctx: Context, node: Node, name: str, verb: str
) -> Generator[Item, str | None, tuple[str, bool]]:
    """Carry out the action of the same name: (its effect, True), or (why not, False)."""
    change = ctx.ask(ServiceChange, node, name, verb)
    why, begun = ctx.ask(outcome_of, change.begin)
    if not begun:
        return why, False
    yield from ctx.wait_until(change.is_done, change.patience)
    return ctx.ask(outcome_of, change.finish)


def _is_running(process: Service) -> bool:
    return process.running


def _status_lines(ctx: Context, process: Service) -> tuple[list[str], int]:
    """Return what `systemctl status` prints, and its exit status."""
    plain = replace(ctx, ask=ask_at_once)
    lines = [str(line) for line in _show_status(plain, process) if isinstance(line, str)]
    return lines, 0 if process.running else 3


def _unit_state(process: Service) -> tuple[str, str]:
    """Return systemd's words for a unit: (state, substate)."""
    if process.running:
        return "active", "running"
    if process.reason.startswith("signal"):
        return "failed", f"Result: {process.reason}"
    return "inactive", "dead"


def _show_status(ctx: Context, process: Service) -> Run:
    state, detail = _unit_state(process)
    mark = {"active": "●", "failed": "×"}.get(state, "○")
    yield f"{mark} {process.name}.service - {_TITLES[process.name]}"
    yield f"     Loaded: loaded (/usr/lib/systemd/system/{process.name}.service; enabled; preset: enabled)"
    changes = [
        event
        for event in ctx.lab.journal
        if isinstance(event, e.Process) and (event.node, event.service) == (ctx.host.name, process.name)
    ]
    since = f" since {date_at(changes[-1].at):%a %Y-%m-%d %H:%M:%S} UTC" if changes else ""
    yield f"     Active: {state} ({detail}){since}"
    if process.frozen:
        yield "     Frozen: its processes are stopped (SIGSTOP)"
    if process.running:
        members = [p for p in list_processes(ctx) if p.service is process]
        if members:
            yield f"   Main PID: {members[0].pid} ({process.name})"
        for number, member in enumerate(members):
            head = "             " if number else "     CGroup: "
            yield f"{head}{'└─' if member is members[-1] else '├─'}{member.pid} {member.command}"
    if lines := _journal_lines(ctx, {process.name}):
        yield from ["", *lines[-10:]]
    return 0 if process.running else 3


def _journal_lines(ctx: Context, services: set[str]) -> list[str]:
    return [
        _journal_line(ctx, event)
        for event in ctx.lab.journal
        if isinstance(event, e.Log) and _is_shown(ctx, event, services)
    ]


def _is_shown(ctx: Context, log: e.Log, services: set[str]) -> bool:
    return log.node == ctx.host.name and (not services or log.service in services)


def _journal_line(ctx: Context, log: e.Log) -> str:
    pid = next((p.pid for p in list_processes(ctx) if p.name == log.service), None)
    name = f"{log.service}[{pid}]" if pid else log.service
    return f"{date_at(log.at):%b %d %H:%M:%S} {ctx.host.name} {name}: {log.text}"


def journalctl(ctx: Context) -> Run:
    """journalctl [-u UNIT] [-n N] [-f] [--no-pager]."""
    words, units, last, follow = ctx.argv[1:], set[str](), None, False
    while words:
        word = words.pop(0)
        if word in {"-f", "--follow"}:
            follow = True
        elif word in {"-u", "--unit"} and words:
            unit = words.pop(0).removesuffix(".service")
            units.add(_UNITS.get(unit, unit))
        elif word.startswith("-u") and len(word) > 2:
            units.add(_UNITS.get(word[2:], word[2:]))
        elif word.startswith("-n"):
            text = word[2:] or (words.pop(0) if words and words[0].isdecimal() else "10")
            if not text.isdecimal() or len(text) > 6:
                return (yield from fail(1, f"Failed to parse lines '{text}'"))
            last = int(text)
        elif word not in {"--no-pager", "-x", "-e", "-xe", "-b"}:
            return (yield from ctx.unsupported(f"{word}, but -u UNIT, -n N and -f"))
    lines = _journal_lines(ctx, units)
    if follow and last is None:
        last = 10
    shown = lines if last is None else lines[-last:] if last else []
    if not shown and not follow:
        yield "-- No entries --"
    yield from shown
    if not follow:
        return 0
    for event in ctx.follow_events():
        if event is None:
            yield None
        elif isinstance(event, e.Log) and _is_shown(ctx, event, units):
            yield _journal_line(ctx, event)
    return 130
