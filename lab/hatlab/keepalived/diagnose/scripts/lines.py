"""Rules about the lines that name a program: no shell reads them (KA12x)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.keepalived.command_line import Argument
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.diagnose.scripts.commands import Command

_OPERATOR = re.compile(r"\|\|?|&&|;(?=$)|^;|^&$|^<|\$\(|`|\$(?:\w+|[?$!#@*]|\{\w*)|^~(?=/|$)|^/\S*\*")
_IN_DOUBLE_QUOTES = re.compile(r"\$\(|`|\$(?:\w+|[?$!#@*]|\{\w*)")
_REDIRECTION = re.compile(r"^(?:\d|&)?>{1,2}(?:&\d|.*)")
_DEV_TCP = re.compile(r"/dev/(?:tcp|udp)/")
_BUILTIN = {
    *("!", ".", ":", "[[", "((", "case", "cd", "eval", "exec", "exit", "export", "for", "if", "return"),
    *("set", "source", "ulimit", "until", "unset", "wait", "while"),
}
_SCRIPT_ENDINGS = (".sh", ".bash", ".py", ".pl")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_USER_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_NO_USERS = frozenset(
    ["master", "backup", "fault", "stop", "start", "up", "down", "notify", "state", "instance", "group"]
)
_EVERYWHERE = {"root", "nobody", "daemon", "bin"}


def command_line_rules(conf: Configuration, commands: list[Command]) -> Iterator[Finding]:
    asked: set[str] = set()
    for command in commands:
        broken = list(_quotes(command)) or list(_words_behind(command))
        yield from broken
        yield from _users(conf, command, asked)
        if command.line.arguments:
            yield from _redirected_file(command) if command.program.startswith("<") else _program(command)
            yield from _shell_syntax(command)


def _quotes(command: Command) -> Iterator[Finding]:
    at, line = command.statement, command.line
    if line.open_quote:
        if line.open_quote != '"':  # a double one is the reader's business
            message = f"this {line.open_quote} is not closed inside the command"
            yield finding("KA127", at, message, word=1, reported=True)
    elif line.glued:
        taken = " ".join(line.words)[:60]
        yield finding("KA127", at, f'only `{taken}` is used: the second " closes the first', word=1)


def _words_behind(command: Command) -> Iterator[Finding]:
    """Arguments outside the quotes: ignored by `script`, a user and a group for all others."""
    at, behind = command.statement, command.line.behind
    if not behind:
        return
    rest = " ".join(behind)[:60]
    if command.is_check:
        yield finding("KA126", at, f"`{rest}` is not passed to {command.called}", word=2)
    elif len(behind) > 2 or not _USER_NAME.fullmatch(behind[0]) or behind[0] in _NO_USERS:
        effect = f"keepalived says “Script user '{behind[0][:30]}' does not exist” and ignores the script"
        yield finding("KA126", at, f"`{rest}` is read as a user and group", word=2, effect=effect)


def _users(conf: Configuration, command: Command, asked: set[str]) -> Iterator[Finding]:
    """A user who may not exist on the node, once each."""
    behind = command.line.behind
    own = command.owner.last("user") if command.is_check else None
    default = conf.global_setting("script_user")
    at, word = (
        (own, 1) if own else (command.statement, 2) if behind and not command.is_check else (default, 1)
    )
    name = at.value(word) if at else ""
    if at and _USER_NAME.fullmatch(name) and name not in {*_EVERYWHERE, *_NO_USERS, *asked}:
        asked.add(name)
        message = f"nothing here says that the user `{name}` exists on the node"
        # a check without its user is removed, and reported; of a notify script nothing is said
        severity: Severity | None = "warning" if word == 1 else None
        yield finding("KA128", at, message, word=word, severity=severity, reported=word == 1)


def _redirected_file(command: Command) -> Iterator[Finding]:
    """A line that begins with `<`: keepalived hands it to system(), where it begins with `</`."""
    at, text = command.statement, command.program
    if _DEV_TCP.search(text):
        path = text[1:].strip()
        cure = f"`\"/usr/bin/timeout 2 /usr/bin/bash -c '<{path[:60]}'\"`"
        yield finding("KA123", at, f"`{text[:60]}` is read by /bin/sh", word=1, cure=cure)
    elif text[1:].lstrip(" \t")[:1] != "/":
        effect = "keepalived says “Cannot find script < in path - disabling”: the check is removed"
        message, cure = "there is a space after `<`, or no absolute path", "write `</path`"
        yield finding("KA123", at, message, word=1, effect=effect, cure=cure, reported=command.is_check)


def _program(command: Command) -> Iterator[Finding]:
    at, name = command.statement, command.program
    if name.startswith("$"):
        return  # `$NAME` is shell syntax, and told as that
    if "/" in name and not name.startswith("/"):
        message = f"`{name[:60]}` is not an absolute path: keepalived looks for it below /, where it runs"
    elif "/" in name:
        return
    elif name.endswith(_SCRIPT_ENDINGS):
        message = f"`{name[:60]}` is looked for only in keepalived's PATH"
    elif name in _BUILTIN or _ASSIGNMENT.match(name):
        message = f"`{name[:40]}` is a shell word, not a program"
    else:
        yield finding("KA125", at, f"`{name[:40]}` is given without its path", word=1)
        return
    yield finding("KA124", at, message, word=1, reported=command.is_check)


def _shell_syntax(command: Command) -> Iterator[Finding]:
    at, arguments, shell = command.statement, command.line.arguments, command.shell_command_index
    if shell and shell + 1 < len(arguments):
        first = arguments[shell]
        if " " not in first.text and "$" not in first.text:
            message = f"the shell runs `{first.text[:40]}`  only: what follows is not part of its command"
            yield finding("KA122", at, message, word=1)
            return
    others = [argument for k, argument in enumerate(arguments) if k != shell or not shell]
    if command.program.startswith("<"):
        others = others[1:]
    operator = next((found for found in map(_operator, others) if found), "")
    redirection = next((a.text for a in others if _REDIRECTION.match(_unquoted(a))), "")
    target = command.called if "/" in command.called else f"`{command.program[:60]}`"
    if operator:
        yield finding("KA120", at, f"`{operator}` becomes an argument of {target}: no shell reads it", word=1)
    elif redirection and command.script_path and command.file:
        yield finding("KA121", at, f"`{redirection[:20]}` becomes an argument of {target}", word=1)
    elif redirection:
        message = f"`{redirection[:20]}` becomes an argument of {target}: no shell reads it"
        yield finding("KA120", at, message, word=1)


def _operator(argument: Argument) -> str:
    """What of an argument only a shell would understand; empty if nothing."""
    found = _OPERATOR.search(_unquoted(argument))
    if found:
        return found[0]
    inside = "".join(c if q == '"' else "\0" for c, q in zip(argument.text, argument.quoting, strict=True))
    found = _IN_DOUBLE_QUOTES.search(inside)
    return found[0] if found else ""


def _unquoted(argument: Argument) -> str:
    """The argument with each quoted character blotted out."""
    if not argument.quoting.strip():
        return argument.text
    return "".join(c if q == " " else "\0" for c, q in zip(argument.text, argument.quoting, strict=True))
