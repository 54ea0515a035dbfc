"""Rules about what scripts do to the service that the checks ask, and to its data (KA135, KA14x)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.diagnose.scripts.commands import Command
from hatlab.keepalived.diagnose.scripts.shell_tree import all_commands, command_text
from hatlab.shell import parse_script

_ASKS = {
    *("mysql", "mysqladmin", "mariadb", "mariadb-admin", "psql", "pg_isready", "redis-cli"),
    *("nc", "ncat", "telnet", "curl", "wget"),
}
_STOPS = re.compile(
    r"\bsystemctl\s+(?:-\S+\s+)*(?:stop|kill|disable|mask)\s+(?:--now\s+)?(?P<unit>[\w@.-]+)|"
    r"\b(?:service|rc-service)\s+(?P<service>[\w.-]+)\s+stop\b|/etc/init\.d/(?P<init>[\w.-]+)\s+stop\b|"
    r"\b(?:killall|pkill)\s+(?!-0|-s\s*0|-(?:SIG)?(?:HUP|USR[12])|-1\b)(?:-\S+\s+)*(?P<process>[\w.-]+)|"
    r"\b(?P<admin>mysqladmin|mariadb-admin)\b[^\n;|]*\bshutdown\b"
)
_OPENS_SUPER = re.compile(r"\bsuper_read_only\s*(?::?=)\s*(?:0|off|false)\b", re.I)
_OPENS = re.compile(r"(?<!super_)\bread_only\s*(?::?=)\s*(?:0|off|false)\b", re.I)
_CLOSES_SUPER = re.compile(r"\bsuper_read_only\s*(?::?=)\s*(?:1|on|true)\b", re.I)
_CLOSES = re.compile(r"(?<!super_)\bread_only\s*(?::?=)\s*(?:1|on|true)\b", re.I)
_ALIASES = {"mariadb": "mysql", "postgresql": "postgres"}
_LEAVING = {"notify_master", "notify_backup", "notify_fault", "notify"}


def service_script_rules(conf: Configuration, commands: list[Command]) -> Iterator[Finding]:
    checks = [command for command in commands if command.is_check]
    notifies = [command for command in commands if command.statement.keyword in _LEAVING]
    yield from _asked_over_the_virtual_address(conf, checks)
    yield from _checked_service_stopped(conf, checks, notifies)
    yield from _read_only(commands)


def _asked_over_the_virtual_address(conf: Configuration, checks: list[Command]) -> Iterator[Finding]:
    held = {address for settings in conf.settings.values() for address in settings.addresses}
    for command in checks:
        text = command.plain_text
        asked = next(
            (address for address in sorted(held) if address in text and _is_asked(address, text)), ""
        )
        if asked:
            message = f"{command.called} asks {asked}, the virtual address"
            yield finding("KA135", command.statement, message, word=1)


def _is_asked(address: str, text: str) -> bool:
    """True if a text asks a service at an address, by its name or by a variable of that value."""
    literal = rf"(?:(?<![\w.:])|(?<=-h)){re.escape(address)}(?![\w.])"
    names = re.findall(rf"(?m)^\s*(?:export\s+|local\s+)?(\w+)=[\"']?{literal}", text)
    wanted = re.compile("|".join([literal, *(rf"\$\{{?{name}\b" for name in names)]))
    if re.search(rf"/dev/tcp/(?:{wanted.pattern})", text):
        return True
    asking = (command for command in map(command_text, all_commands(parse_script(text))) if _asks(command))
    return any(wanted.search(command) for command in asking)


def _asks(command: str) -> bool:
    """True for a question, also one behind `timeout` or in a variable such as `$MYSQL`."""
    words = command.split()
    names = {word.rpartition("/")[2] for word in words[:4]}
    return bool(names & _ASKS) or any("mysql" in word.lower() for word in words[:1])


def _checked_service_stopped(
    conf: Configuration, checks: list[Command], notifies: list[Command]
) -> Iterator[Finding]:
    seen: set[str] = set()
    for notify in notifies:
        for stop in _STOPS.finditer(notify.local_text):
            service = next(filter(None, stop.groups()))
            stem = _stem(service)
            asking = [c for c in checks if stem and stem in _stem_text(c.plain_text)]
            if stem != "keepalive" and asking and notify.called not in seen:
                seen.add(notify.called)
                weights = [s.weight for c in asking if (s := conf.scripts.get(c.owner.value()))]
                severity: Severity = "warning" if weights and all(weights) else "error"
                message = f"{notify.called} stops {service[:30]}, but {asking[0].called} checks it"
                yield finding("KA140", notify.statement, message, word=1, severity=severity)


def _stem(service: str) -> str:
    """The name that the parts of a service share: `mysql` of mysqld, mysqladmin and mariadb."""
    name = re.sub(r"(\.service|admin|-admin|d)$", "", service.lower())
    return _ALIASES.get(name, name)


def _stem_text(text: str) -> str:
    text = text.lower()
    for alias, name in _ALIASES.items():
        text = text.replace(alias, name)
    return text


def _read_only(commands: list[Command]) -> Iterator[Finding]:
    """`read_only` and `super_read_only`, which scripts set when the state changes."""
    setting = [c for c in commands if "read_only" in c.plain_text.lower()]
    opened = [c for c in setting if _OPENS.search(c.plain_text) or _OPENS_SUPER.search(c.plain_text)]
    closed = [c for c in setting if _CLOSES.search(c.plain_text) or _CLOSES_SUPER.search(c.plain_text)]
    seen: set[str] = set()
    for command in opened:
        text = command.plain_text
        if _OPENS_SUPER.search(text) and not _OPENS.search(text) and command.called not in seen:
            seen.add(command.called)
            message = f"{command.called} turns super_read_only off but leaves read_only on"
            yield finding("KA141", command.statement, message, word=1)
    if opened and not closed and opened[0].statement.keyword in {"notify_master", "notify"}:
        message = f"{opened[0].called} makes mysqld writable, but nothing makes it read-only again"
        yield finding("KA142", opened[0].statement, message, word=1)
    for command in closed:
        text = command.plain_text
        if not _CLOSES_SUPER.search(text) and command.called not in seen and "maria" not in text.lower():
            seen.add(command.called)
            message = f"{command.called} sets read_only without super_read_only"
            yield finding("KA143", command.statement, message, word=1)
