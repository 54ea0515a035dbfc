"""Rules about script files and the programs that lines name: whether they are run at all (KA103 to KA113)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile, finding
from hatlab.keepalived.diagnose.scripts.commands import Command

_LINKED = ("/bin/", "/sbin/", "/lib/", "/lib64/")
_USUAL_FOLDERS = ("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")
_BYTE_ORDER_MARKS = ("\ufeff", "\xef\xbb\xbf")
_SUDO_PASSWORD = re.compile(r"\|\s*sudo\s+(-\S+\s+)*-\w*S|sudo\s+(-\S+\s+)*-\w*S\b.*<<<")


def script_file_rules(conf: Configuration, commands: list[Command]) -> Iterator[Finding]:
    seen: set[str] = set()
    for command in commands:
        at = command.statement
        if command.program.startswith(_LINKED) and _runs_as_root(conf, command):
            path = command.program[:60]
            yield finding("KA103", at, f"`{path}` is refused", word=1, cure=f"write `/usr{path}`")
        if conf.global_setting("enable_script_security") and _is_at_home(conf, command):
            message = f"`{command.script_path[:60]}` is in a user's home folder"
            yield finding("KA129", at, message, word=1, reported=command.is_check)
        if _SUDO_PASSWORD.search(command.text):
            yield finding("KA109", at, f"{command.called} pipes a password to sudo", word=1)
        if command.script_path and command.script_path not in seen:
            seen.add(command.script_path)
            yield from _file_rules(conf, command)


def _runs_as_root(conf: Configuration, command: Command) -> bool:
    """True unless another user is named for it."""
    behind = command.line.behind
    own = command.owner.last("user") if command.is_check else None
    default = conf.global_setting("script_user")
    user = own.value() if own else behind[0] if behind and not command.is_check else ""
    return (user or (default.value() if default else "root")) == "root"


def _is_at_home(conf: Configuration, command: Command) -> bool:
    """True for what root would run from a folder below /home."""
    path = command.script_path
    return path == command.program and path.startswith("/home/") and _runs_as_root(conf, command)


def _file_rules(conf: Configuration, command: Command) -> Iterator[Finding]:
    at, file, name = command.statement, command.file, command.script_path[:80]
    if file is None:
        if name.startswith("/") and not name.startswith(_USUAL_FOLDERS):
            yield finding("KA113", at, f"`{name}` is not in the folder of this file", word=1)
        return
    if not command.is_interpreted:
        if reason := _cannot_be_executed(file):
            cure = "save it with Unix line ends: `sed -i 's/\\r$//' FILE`" if "\\r" in reason else ""
            yield finding("KA106", at, f"`{name}` {reason}", word=1, cure=cure)
        if file.mode is not None and not file.mode & 0o111:
            yield finding("KA108", at, f"`{name}` is not executable", word=1)
            return
    if file.mode is None:
        cure = "run chown root and chmod 755, for its folders as well"
        yield finding("KA113", at, f"the permissions of `{name}` are not known here", word=1, cure=cure)
    elif file.mode & 0o022 and not command.is_interpreted:
        message = f"users other than its owner can change `{name}`"
        if conf.global_setting("enable_script_security") and _runs_as_root(conf, command):
            yield finding("KA108", at, message, word=1, reported=command.is_check)
        else:
            effect = "anyone who can change it decides what keepalived runs, as its user"
            yield finding("KA108", at, message, word=1, effect=effect, severity="warning")


def _cannot_be_executed(file: ScriptFile) -> str:
    """Why execve does not run a file, as the end of a sentence; empty if it does."""
    if file.text.startswith("\x7fELF"):
        return ""
    first = file.text.partition("\n")[0]
    if first.startswith("#!"):
        return "has Windows line ends: the program after #! ends in \\r" if first.endswith("\r") else ""
    if first.startswith(_BYTE_ORDER_MARKS):
        return "starts with a byte order mark, not with #!"
    if file.text.lstrip().startswith("#!"):
        return "does not start with #!: there is an empty line before it"
    return "does not start with #!"
