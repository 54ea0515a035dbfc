"""Rules about the programs that keepalived runs (KA1xx)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.diagnose.scripts.commands import Command, find_commands
from hatlab.keepalived.diagnose.scripts.files import script_file_rules
from hatlab.keepalived.diagnose.scripts.lines import command_line_rules
from hatlab.keepalived.diagnose.scripts.services import service_script_rules
from hatlab.keepalived.diagnose.scripts.texts import script_text_rules
from hatlab.keepalived.parser import Statement

_LONG = 30
"""Seconds that a failure may go on before somebody asks why nothing happens."""
_SYSTEM = ("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")
"""Folders of programs that are taken to exist; of one that does not `keepalived -t` says nothing here."""
_FIFOS = ("notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo")


def script_rules(conf: Configuration) -> Iterator[Finding]:
    commands = list(find_commands(conf))
    if commands:
        yield from _security_rules(conf, commands)
    misread = list(command_line_rules(conf, commands))
    yield from misread
    yield from script_file_rules(conf, commands)
    broken = {(found.file, found.line) for found in misread if found.severity == "error"}
    commands = [c for c in commands if (c.statement.file, c.statement.line) not in broken]
    yield from script_text_rules(conf, commands)
    yield from service_script_rules(conf, commands)
    yield from _track_script_rules(conf)
    yield from _track_process_rules(conf)
    yield from _fifo_rules(conf)


def _security_rules(conf: Configuration, commands: list[Command]) -> Iterator[Finding]:
    unowned = next((command for command in commands if not command.has_user), None)
    secure = conf.global_setting("enable_script_security") is not None
    if unowned and conf.global_setting("script_user") is None:
        effect = (
            "scripts run as keepalived_script, and if there is no such user keepalived says "
            "“Unable to set default user … - removing”: the check is removed, and no notify script runs"
        )
        message = f"enable_script_security is set, but nothing says which user runs {unowned.called}"
        if secure:
            yield finding("KA101", unowned.statement, message, effect=effect, severity="error")
        else:
            message = f"nothing says which user runs {unowned.called}"
            effect = "scripts run as the user keepalived_script, or as root if there is no such user"
            yield finding("KA101", unowned.statement, message, effect=effect)
    if not secure:
        message = "scripts run, but enable_script_security is not set"
        exists = any(command.file or command.program.startswith(_SYSTEM) for command in commands)
        yield finding("KA102", commands[0].statement, message, reported=exists)


def _track_script_rules(conf: Configuration) -> Iterator[Finding]:
    used: set[str] = set()
    owners = [*conf.root.all("vrrp_instance"), *conf.root.all("vrrp_sync_group")]
    for entry in (entry for owner in owners for entry in list_entries(owner, "track_script")):
        used.add(entry.keyword)
    for block in conf.root.all("vrrp_script"):
        script = conf.scripts.get(block.value())
        if script is None:
            continue
        if script.name not in used:
            weight = f": its weight of {script.weight} never counts" if script.weight else ""
            yield finding("KA105", block, f"no track_script uses `{script.name[:60]}`{weight}")
        if not script.command.strip():
            yield finding("KA107", block, f"vrrp_script `{script.name[:60]}` has nothing to run")
        longest = (script.fall - 1) * script.interval + script.interval + script.timeout
        if script.timeout <= script.interval and longest >= _LONG:
            message = f"`{script.name[:60]}` reports a failure after up to {longest:g} s"
            yield finding("KA139", block, message)
        if script.timeout > script.interval:
            at = block.last("timeout") or block
            message = (
                f"a timeout of {script.timeout:g} s is longer than the interval of {script.interval:g} s: "
                f"a hung service counts as down after up to {script.fall * script.timeout:g} s"
            )
            yield finding("KA114", at, message)


def _track_process_rules(conf: Configuration) -> Iterator[Finding]:
    for block in (*conf.root.all("vrrp_instance"), *conf.root.all("vrrp_sync_group")):
        for inner in block.all("track_process"):
            yield finding("KA111", inner, "track_process needs the kernel's process events")


def _fifo_rules(conf: Configuration) -> Iterator[Finding]:
    first: dict[str, Statement] = {}
    for statement in filter(None, map(conf.global_setting, _FIFOS)):
        path = statement.value()
        if path and path in first:
            name = first[path].keyword
            yield finding("KA115", statement, f"`{path[:60]}` is already the FIFO of `{name}`", word=1)
        first.setdefault(path, statement)
