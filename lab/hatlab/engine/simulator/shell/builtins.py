"""What a shell does itself: `cd`, `read`, `set`, `test`, `echo`, `return` and their like."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import Protocol

from hatlab.engine.simulator.programs.context import (
    Context,
    ErrorLine,
    Item,
    PartialLine,
    Run,
    fail,
    is_output,
)
from hatlab.engine.simulator.programs.filters import text_lines
from hatlab.engine.simulator.shell.conditions import test_outcome
from hatlab.engine.simulator.shell.state import ShellState
from hatlab.shell import Script, parse_script


class Interpreter(Protocol):
    """The shell that runs a builtin."""

    ctx: Context
    state: ShellState
    sourcing: int

    def run_script(self, script: Script) -> Generator[Item, str | None, None]:
        """Run a list of commands."""

    def run_argv(self, argv: list[str]) -> Generator[Item, str | None, None]:
        """Run a builtin or program by its words."""

    def compute_text(self, text: str) -> Generator[Item, str | None, int]:
        """Return the value of an arithmetic expression."""


Builtin = Callable[[Interpreter, list[str]], Run]


class Exit(Exception):
    """`exit`, or what ends a shell by itself."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Return(Exception):
    """`return` from a function."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Break(Exception):
    """`break` out of loops."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Continue(Break):
    """`continue` a loop."""


def _number(argv: list[str], default: int) -> int:
    return int(argv[1]) & 255 if len(argv) > 1 and re.fullmatch(r"-?\d{1,9}", argv[1]) else default


def _exit(shell: Interpreter, argv: list[str]) -> Run:
    if len(argv) > 1 and not re.fullmatch(r"-?\d{1,9}", argv[1]):
        dash = shell.state.dialect == "dash"
        message = f"Illegal number: {argv[1]}" if dash else f"{argv[1]}: numeric argument required"
        yield ErrorLine(shell.state.error(message, argv[0]))
        raise Exit(2)
    raise Exit(_number(argv, shell.state.status))


def _return(shell: Interpreter, argv: list[str]) -> Run:
    status = _number(argv, shell.state.status)
    if not shell.state.scopes and shell.state.dialect == "bash" and not shell.sourcing:
        yield ErrorLine(shell.state.error("can only `return' from a function or sourced script", "return"))
        return 2
    raise Return(status)


def _break(_: Interpreter, argv: list[str]) -> Run:
    raise (Break if argv[0] == "break" else Continue)(_number(argv, 1) or 1)
    yield


def _colon(_: Interpreter, argv: list[str]) -> Run:
    return fail(int(argv[0] == "false"))


def _echo(shell: Interpreter, argv: list[str]) -> Run:
    words, escapes, newline = argv[1:], shell.state.dialect == "dash", True
    options = r"-[n]" if shell.state.dialect == "dash" else r"-[neE]+"
    while words and re.fullmatch(options, words[0]):
        newline = newline and "n" not in words[0]
        escapes = ("e" in words[0] or escapes) and "E" not in words[0]
        words = words[1:]
    text = " ".join(words)
    if escapes:
        text = _escaped(text)
    *lines, last = text.split("\n")
    yield from lines
    if newline:
        yield last
    elif last:
        yield PartialLine(last)
    return 0


def _escaped(text: str) -> str:
    letters = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "e": "\x1b"}
    return re.sub(
        r"\\(0[0-7]{0,3}|[0-7]{1,3}|.)",
        lambda m: letters.get(m[1]) or (chr(int(m[1], 8) & 255) if m[1].isdecimal() else m[0]),
        text,
    )


def _printf(shell: Interpreter, argv: list[str]) -> Run:
    words = argv[1:]
    if words[:1] == ["-v"] and len(words) > 2:
        shell.state.set(words[1], _format(words[2], words[3:]))
        return 0
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        return (yield from fail(2, shell.state.error("usage: printf [-v var] format [arguments]", "printf")))
    yield from text_lines(_format(words[0], words[1:]))
    return 0


def _format(template: str, arguments: list[str]) -> str:
    template = _escaped(template)
    text, left = "", list(arguments)
    while True:
        before = len(left)

        def convert(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return "%"
            value = left.pop(0) if left else ""
            flags, kind = match[1], match[2]
            if kind in "di":
                number = int(value) if re.fullmatch(r"[-+]?\d{1,18}", value) else 0
                return f"%{flags}d" % number
            if kind in "xXou":
                number = int(value) if re.fullmatch(r"\d{1,18}", value) else 0
                return f"%{flags}{kind.replace('u', 'd')}" % number
            if kind == "f":
                return f"%{flags}f" % (float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else 0.0)
            return f"%{flags}s" % (_escaped(value) if kind == "b" else value)

        text += re.sub(r"%([-0+ ]*\d{0,3}(?:\.\d{1,3})?)([sdiuxXofbc%])", convert, template)
        if not left or len(left) == before:
            return text


def _test(shell: Interpreter, argv: list[str]) -> Run:
    words = argv[1:]
    if argv[0] == "[":
        if not words or words[-1] != "]":
            missing = "missing ]" if shell.state.dialect == "dash" else "missing `]'"
            return (yield from fail(2, shell.state.error(missing, "[")))
        words = words[:-1]
    words = [_absolute(shell, words, at) for at in range(len(words))]
    outcome = shell.ctx.ask(test_outcome, words, shell.ctx.host.disk, shell.state.dialect)
    if isinstance(outcome, bool):
        return int(not outcome)
    message, word = outcome
    if (shell.state.dialect == "bash" and word) or (word and message == "unexpected operator"):
        message = f"{word}: {message}"
    return (yield from fail(2, shell.state.error(message, argv[0])))


def _absolute(shell: Interpreter, words: list[str], at: int) -> str:
    """Return an operand of `-f` and so on with the folder that it is relative to."""
    relative = at > 0 and re.fullmatch(r"-[edfrwxsLhc]", words[at - 1]) and words[at] and words[at][0] != "/"
    return (
        f"{shell.state.folder}/{words[at]}"
        if relative and words[at] not in {"=", "!=", "-a", "-o"}
        else words[at]
    )


def _cd(shell: Interpreter, argv: list[str]) -> Run:
    path = argv[1] if len(argv) > 1 else "/root"
    target = path if path.startswith("/") else f"{shell.state.folder}/{path}"
    entry = shell.ctx.ask(shell.ctx.host.disk.find, target)
    if entry is None or entry.kind != "folder":
        why = "No such file or directory" if entry is None else "Not a directory"
        message = f"can't cd to {path}" if shell.state.dialect == "dash" else f"{path}: {why}"
        return (yield from fail(2 if shell.state.dialect == "dash" else 1, shell.state.error(message, "cd")))
    shell.state.folder = entry.path
    shell.state.set("PWD", entry.path)
    return 0


def _pwd(shell: Interpreter, _: list[str]) -> Run:
    yield shell.state.folder
    return 0


def _export(shell: Interpreter, argv: list[str]) -> Run:
    state = shell.state
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            continue
        if equals:
            state.set(name, value)
        (state.readonly if argv[0] == "readonly" else state.exported).add(name)
    if len(argv) == 1 and argv[0] == "export":
        yield from (f'declare -x {name}="{state.get(name) or ""}"' for name in sorted(state.exported))
    return 0


def _local(shell: Interpreter, argv: list[str]) -> Run:
    state = shell.state
    if not state.scopes and argv[0] == "local":
        where = "not in a function" if state.dialect == "dash" else "can only be used in a function"
        yield ErrorLine(state.error(where, "local"))
        if state.dialect == "dash":
            raise Exit(2)
        return 1
    for word in argv[1:]:
        if word.startswith("-"):
            continue
        name, equals, value = word.partition("=")
        if state.scopes:
            state.scopes[-1].setdefault(name, state.variables.get(name))
            if not equals:
                state.variables.pop(name, None)
        if equals:
            state.set(name, value)
        if "-x" in argv:
            state.exported.add(name)
        if "-r" in argv:
            state.readonly.add(name)
    return 0


def _unset(shell: Interpreter, argv: list[str]) -> Run:
    for name in argv[1:]:
        if name not in shell.state.readonly:
            shell.state.variables.pop(name, None)
            shell.state.exported.discard(name)
            if "-f" in argv:
                shell.state.functions.pop(name, None)
    return fail(0)


def _shift(shell: Interpreter, argv: list[str]) -> Run:
    count = _number(argv, 1)
    if count > len(shell.state.arguments):
        if shell.state.dialect == "dash":
            yield ErrorLine(shell.state.error("can't shift that many", "shift"))
            raise Exit(2)
        return 1
    shell.state.arguments = shell.state.arguments[count:]
    return 0


_OPTIONS = {
    "errexit": "e",
    "nounset": "u",
    "noglob": "f",
    "xtrace": "x",
    "allexport": "a",
    "verbose": "v",
    "noexec": "n",
}


def _set(shell: Interpreter, argv: list[str]) -> Run:
    words, options = argv[1:], shell.state.options
    if not words:
        yield from (f"{k}={v}" for k, v in sorted(shell.state.variables.items()) if isinstance(v, str))
        return 0
    while words and words[0][:1] in "-+" and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        change = options.add if word[0] == "-" else options.discard
        for letter in word[1:]:
            if letter == "o" and words:
                name = words.pop(0)
                change(_OPTIONS.get(name, name))
            else:
                change(letter)
    else:
        if not words:
            return 0
    shell.state.arguments = list(words)
    return 0


def _read(shell: Interpreter, argv: list[str]) -> Run:
    words = argv[1:]
    raw = False
    while words and words[0].startswith("-"):
        word = words.pop(0)
        raw = raw or "r" in word
        if word[-1] in "tpndua" and words and word != "-r":
            words.pop(0)
    line: str | None = None
    for item in shell.ctx.stdin:
        if is_output(item):
            line = str(item)
            partial = isinstance(item, PartialLine)
            break
        yield item
    names = words or ["REPLY"]
    if line is None:
        for name in names:
            shell.state.set(name, "")
        return 1
    if not raw:
        line = line.replace("\\", "")
    separators = shell.state.get("IFS")
    if separators is None:
        separators = " \t\n"
    rest = line.strip(" \t") if " " in separators else line
    for name in names[:-1]:
        match = (
            re.match(rf"([^{re.escape(separators)}]*)[{re.escape(separators)}]?", rest)
            if separators
            else None
        )
        value, rest = (match[1], rest[match.end() :]) if match else (rest, "")
        rest = rest.lstrip(" \t") if " " in separators else rest
        shell.state.set(name, value)
    shell.state.set(names[-1], rest)
    return int(partial)


def _eval(shell: Interpreter, argv: list[str]) -> Run:
    shell.state.status = 0
    yield from shell.run_script(parse_script(" ".join(argv[1:]), shell.state.dialect))
    return shell.state.status


def _source(shell: Interpreter, argv: list[str]) -> Run:
    path = argv[1] if len(argv) > 1 else ""
    text = shell.ctx.ask(
        shell.ctx.host.disk.read, path if path.startswith("/") else f"{shell.state.folder}/{path}"
    )
    if text is None:
        yield ErrorLine(shell.state.error("No such file or directory", path))
        if shell.state.dialect == "dash":
            raise Exit(2)
        return 1
    if shell.sourcing > 10:
        raise Exit(1)
    shell.state.status = 0
    shell.sourcing += 1
    try:
        yield from shell.run_script(parse_script(text, shell.state.dialect))
    except Return as end:
        shell.state.status = end.status
    finally:
        shell.sourcing -= 1
    return shell.state.status


_SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "TERM": 15}


def _trap(shell: Interpreter, argv: list[str]) -> Run:
    words = argv[1:]
    if words and words[0] == "--":
        words = words[1:]
    if len(words) > 1:
        for name in words[1:]:
            key = {"0": "EXIT", "15": "TERM", "2": "INT", "1": "HUP"}.get(
                name, name.upper().removeprefix("SIG")
            )
            if words[0] == "-":
                shell.state.traps.pop(key, None)
            else:
                shell.state.traps[key] = words[0]
                if shell.ctx.script is not None and key in _SIGNALS:
                    shell.ctx.script.ignores.add(_SIGNALS[key])
    return fail(0)


def _command(shell: Interpreter, argv: list[str]) -> Run:
    """`command`, `type` and `exec`."""
    words = [word for word in argv[1:] if not (word.startswith("-") and len(word) == 2)]
    if argv[0] == "type" or "-v" in argv or "-V" in argv:
        return _locate(shell, argv, words)
    return _run_other(shell, argv, words)


def _run_other(shell: Interpreter, argv: list[str], words: list[str]) -> Run:
    if words:
        functions, shell.state.functions = shell.state.functions, {}
        try:
            yield from shell.run_argv(words)
        finally:
            shell.state.functions = functions
        if argv[0] == "exec":
            raise Exit(shell.state.status)
        return shell.state.status
    return 0


def _locate(shell: Interpreter, argv: list[str], words: list[str]) -> Run:
    status = 0
    for name in words:
        path = shell.ctx.ask(shell.ctx.host.disk.search_program, name)
        known = name in shell.state.functions or name in BUILTINS
        if known or path:
            shown = name if known else path or name
            yield (f"{name} is {'a shell builtin' if known else path}" if argv[0] == "type" else shown)
        else:
            status = 1 if shell.state.dialect == "bash" else 127
            if argv[0] == "type":
                yield ErrorLine(shell.state.error("not found", f"type: {name}"))
    return status


def _let(shell: Interpreter, argv: list[str]) -> Run:
    value = 0
    for word in argv[1:]:
        value = yield from shell.compute_text(word)
    return int(value == 0)


def _is_running(ctx: Context, pid: int) -> bool:
    return pid in ctx.host.scripts


def _exit_status(ctx: Context, pid: int) -> int:
    return ctx.host.ended.get(pid, 127)


def _wait(shell: Interpreter, argv: list[str]) -> Run:
    pids = [int(word) for word in argv[1:] if word.isdecimal()] or list(shell.state.jobs)
    status = 0
    for pid in pids:
        while shell.ctx.ask(_is_running, shell.ctx, pid) and not shell.ctx.interrupt.is_set():
            yield None
        status = shell.ctx.ask(_exit_status, shell.ctx, pid)
    return status if len(argv) > 1 else 0


def _jobs(shell: Interpreter, argv: list[str]) -> Run:
    for number, pid in enumerate(shell.state.jobs, 1):
        if shell.ctx.ask(_is_running, shell.ctx, pid):
            yield str(pid) if "-p" in argv else f"[{number}]+  Running"
    return 0


def _nothing(_: Interpreter, __: list[str]) -> Run:
    return fail(0)


BUILTINS: dict[str, Builtin] = {
    "exit": _exit, "logout": _exit, "return": _return, "break": _break, "continue": _break,
    ":": _colon, "true": _colon, "false": _colon, "echo": _echo, "printf": _printf, "test": _test, "[": _test,
    "cd": _cd, "pwd": _pwd, "export": _export, "readonly": _export, "local": _local, "declare": _local,
    "typeset": _local, "unset": _unset, "shift": _shift, "set": _set, "read": _read, "eval": _eval,
    ".": _source, "source": _source, "trap": _trap, "command": _command, "type": _command, "exec": _command,
    "let": _let, "wait": _wait, "jobs": _jobs,
    **dict.fromkeys(("umask", "ulimit", "shopt", "disown", "hash", "builtin", "alias", "unalias"), _nothing),
}  # fmt: skip
