"""Rules about the programs that keepalived runs (KA1xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile, finding, list_entries
from hatlab.keepalived.keywords import COMMANDS
from hatlab.keepalived.parser import Statement

_LINKED = ("/bin/", "/sbin/", "/lib/", "/lib64/")
_SUDO_PASSWORD = re.compile(r"\|\s*sudo\s+(-\S+\s+)*-\w*S|sudo\s+(-\S+\s+)*-\w*S\b.*<<<")
_ENDS_KEEPALIVED = re.compile(
    r"(killall|pkill)\s+(-\S+\s+)*keepalived|(systemctl|service|rc-service)\s+.*\bkeepalived|keepalived\s+stop"
)
_STARTS_KEEPALIVED = re.compile(r"(re)?start\b.*keepalived|keepalived\s+(re)?start")
_ONLY_EXISTS = re.compile(r"killall\s+-0|\bpidof\b|\bpgrep\b|kill\s+-0")
_FENCES = re.compile(r"read_only|fence|stonith|poweroff|ipmitool", re.I)
_FIFOS = ("notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo")


@dataclass(frozen=True, slots=True)
class _Command:
    """A statement that names a program."""

    statement: Statement
    owner: Statement
    """The block that it stands in."""
    line: str
    """The program and its arguments."""

    @property
    def has_user(self) -> bool:
        """True if it says itself who runs it."""
        keyword = self.statement.keyword
        user = self.owner.last("user") if keyword in {"script", "misc_path"} else None
        return user is not None or (keyword != "script" and len(self.statement.words) > 2)

    @property
    def program(self) -> str:
        return next(iter(self.line.split()), "")


def script_rules(conf: Configuration) -> Iterator[Finding]:
    commands = list(_commands(conf))
    if commands:
        yield from _security_rules(conf, commands)
    programs: set[str] = set()
    for command in commands:
        yield from _command_rules(conf, command)
        if command.program not in programs and "/" in command.program:
            programs.add(command.program)
            yield from _file_rules(conf, command)
    yield from _track_script_rules(conf)
    yield from _track_process_rules(conf)
    yield from _fifo_rules(conf)


def _commands(conf: Configuration) -> Iterator[_Command]:
    for at in conf.statements:
        words = at.statement.words
        if at.statement.keyword in COMMANDS and len(words) > 1:
            yield _Command(at.statement, at.owner, " ".join(word.text for word in words[1:]))


def _security_rules(conf: Configuration, commands: list[_Command]) -> Iterator[Finding]:
    unowned = next((command for command in commands if not command.has_user), None)
    if unowned and conf.global_setting("script_user") is None:
        yield finding("KA101", unowned.statement, f"nothing says who runs {_called(unowned)}")
    if conf.global_setting("enable_script_security") is None:
        yield finding("KA102", commands[0].statement, "scripts run, and enable_script_security is not set")


def _command_rules(conf: Configuration, command: _Command) -> Iterator[Finding]:
    at, secure = command.statement, conf.global_setting("enable_script_security") is not None
    if secure and command.program.startswith(_LINKED):
        path = command.program[:60]
        yield finding("KA103", at, f"`{path}` is refused", word=1, cure=f"write `/usr{path}`")
    text = _command_text(conf, command)
    if _SUDO_PASSWORD.search(text):
        yield finding("KA109", at, f"{_called(command)} pipes a password to sudo", word=1)
    if _ENDS_KEEPALIVED.search(text) and not _STARTS_KEEPALIVED.search(text):
        yield finding("KA110", at, f"{_called(command)} ends keepalived on this node", word=1)
    if at.keyword in {"script", "misc_path"} and _ONLY_EXISTS.search(text):
        yield finding("KA112", at, f"{_called(command)} asks only whether a process exists", word=1)
    if at.keyword.startswith("notify") and _FENCES.search(text):
        yield finding("KA116", at, f"{_called(command)} fences, but runs only while keepalived lives", word=1)


def _called(command: _Command) -> str:
    """A command's name in messages: its program's path, else its keyword."""
    return f"`{command.program[:60]}`" if "/" in command.program else f"this `{command.statement.keyword}`"


def _command_text(conf: Configuration, command: _Command) -> str:
    """The command and, where the file is known, its contents."""
    file = _script_file(conf, command)
    return command.line[:4096] + "\n" + (file.text[:65_536] if file else "")


def _script_file(conf: Configuration, command: _Command) -> ScriptFile | None:
    program = command.program
    return conf.files.get(program) or conf.files.get(program.rpartition("/")[2])


def _file_rules(conf: Configuration, command: _Command) -> Iterator[Finding]:
    at, file = command.statement, _script_file(conf, command)
    name = command.program[:80]
    if file is None:
        if not name.startswith(("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")):
            yield finding("KA113", at, f"`{name}` is not beside this file", word=1)
        return
    if not file.text.startswith(("#!", "\x7fELF")):
        yield finding("KA106", at, f"`{name}` does not begin with #!", word=1)
    if file.mode is None:
        cure = "chown root; chmod 755, for its folders too"
        yield finding("KA113", at, f"the permissions of `{name}` are not known here", word=1, cure=cure)
    elif not file.mode & 0o111:
        yield finding("KA108", at, f"`{name}` is not executable", word=1)
    elif file.mode & 0o022:
        yield finding("KA108", at, f"others than its owner can change `{name}`", word=1)


def _track_script_rules(conf: Configuration) -> Iterator[Finding]:
    used: set[str] = set()
    owners = [*conf.root.all("vrrp_instance"), *conf.root.all("vrrp_sync_group")]
    for entry in (entry for owner in owners for entry in list_entries(owner, "track_script")):
        used.add(entry.keyword)
        if entry.keyword not in conf.scripts:
            guess = did_you_mean(entry.keyword, conf.scripts)
            yield finding("KA104", entry, f"there is no vrrp_script `{entry.keyword[:60]}`{guess}")
    for block in conf.root.all("vrrp_script"):
        script = conf.scripts.get(block.value())
        if script is None:
            continue
        if script.name not in used:
            yield finding("KA105", block, f"no track_script names `{script.name[:60]}`")
        if not script.command.strip():
            yield finding("KA107", block, f"vrrp_script `{script.name[:60]}` has nothing to run")
        if script.timeout > script.interval:
            at = block.last("timeout") or block
            message = (
                f"a timeout of {script.timeout:g} s is longer than the interval of {script.interval:g} s"
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
            yield finding("KA115", statement, f"`{path[:60]}` is the FIFO of `{name}` already", word=1)
        first.setdefault(path, statement)
