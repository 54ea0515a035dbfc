"""How a program begins: by its path or name, by its `#!` line, and what a shell says if it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hatlab.engine.simulator.disk import read_shebang
from hatlab.engine.simulator.programs.context import (
    Ancestor,
    Context,
    ErrorLine,
    Item,
    Run,
    ask_at_once,
    fail,
)
from hatlab.engine.simulator.programs.table import PROGRAMS, WAITING
from hatlab.engine.simulator.shell.builtins import BUILTINS
from hatlab.engine.simulator.shell.interpreter import Interpreter
from hatlab.engine.simulator.shell.state import ShellState
from hatlab.shell import Dialect
from hatlab.shell.syntax import Command

SHELLS: dict[str, Dialect] = {"bash": "bash", "rbash": "bash", "sh": "dash", "dash": "dash"}
"""Names of shells → which one it is."""
CONSOLE_ONLY = frozenset({"help", "history", "ll"})
"""What only a person's shell knows."""
_KNOWN = frozenset({*PROGRAMS, *SHELLS, *BUILTINS})
Spawn = Callable[[Command, ShellState], int]


class Launcher:
    """Runs programs on one machine.

    Args:
        spawn: starts a process for `&`; returns its process id.
        started: seconds that a program takes to start.
        recorded: programs that do not wait are run within one question, so that their output is remembered.
    """

    def __init__(self, spawn: Spawn, *, started: float = 0.0, recorded: bool = False) -> None:
        self._spawn, self._started, self._recorded = spawn, started, recorded

    def run(self, ctx: Context) -> Run:
        """Run a program by its path, or its name in the search path; the value is its exit status."""
        name, disk = ctx.argv[0], ctx.host.disk
        if name in CONSOLE_ONLY and ctx.script is None:
            return (yield from PROGRAMS[name](ctx))
        path: str | None = name
        if "/" not in name:
            path = ctx.ask(disk.search_program, name)
            if path is None:
                return (yield from _not_found(ctx, name))
        assert path is not None
        entry = ctx.ask(disk.find, path if path.startswith("/") else f"/root/{path}")
        if entry is None:
            return (yield from fail(127, f"{ctx.shell_name}: {name}: {_no_file(ctx)}"))
        if entry.kind == "folder" or not entry.mode & 0o111 or entry.kind == "device":
            why = (
                "Is a directory" if entry.kind == "folder" and ctx.dialect != "dash" else "Permission denied"
            )
            return (yield from fail(126, f"{ctx.shell_name}: {name}: {why}"))
        # what waits anyway has its start in the time that it takes
        if self._started and not (entry.kind == "program" and _program_name(path) in WAITING):
            yield from ctx.wait(self._started)
        if entry.kind == "program":
            ctx.argv = [_program_name(path), *ctx.argv[1:]]
            if ctx.argv[0] not in _KNOWN:
                return (yield from ctx.unsupported(f"how to run {name}"))
            return (yield from self._run_program(ctx))
        return (yield from self._run_file(ctx, entry.path, name))

    def _run_program(self, ctx: Context) -> Run:
        name = ctx.argv[0]
        if name in SHELLS:
            return (yield from self._run_shell(ctx, SHELLS[name]))
        if name in BUILTINS:
            state = ShellState(name=name, variables=dict(ctx.variables))
            return (yield from BUILTINS[name](Interpreter(ctx, state, self.run, self._spawn), ctx.argv))
        program = PROGRAMS[name]
        if not self._recorded or name in WAITING:
            return (yield from program(ctx))
        plain = replace(ctx, ask=ask_at_once, stdin=iter(()))
        items, status = ctx.ask(_run_whole, program(plain), name)
        yield from items
        return status

    def _run_file(self, ctx: Context, path: str, name: str) -> Run:
        """Run a script by its `#!` line; a shell takes one without as its own."""
        text = ctx.ask(ctx.host.disk.read, path) or ""
        interpreter = read_shebang(text)
        if interpreter is None:
            dialect: Dialect = "dash" if ctx.dialect == "dash" else "bash"
            return (yield from self.run_text(ctx, dialect, text, name, ctx.argv[1:]))
        program = interpreter[0] if interpreter else ""
        words = [program, *interpreter[1:], name, *ctx.argv[1:]]
        if ctx.ask(ctx.host.disk.find, program) is None:
            why = "not found" if ctx.dialect == "dash" else "cannot execute: required file not found"
            return (yield from fail(127, f"{ctx.shell_name}: {name}: {why}"))
        return (yield from self.run_interpreter(ctx, words))

    def run_interpreter(self, ctx: Context, words: list[str]) -> Run:
        """Run what a `#!` line names, the script's path behind it."""
        program = words[0].rpartition("/")[2]
        if program == "env" and len(words) > 1:
            words = words[2:] if words[1] == "-S" else words[1:]
            words = [*words[0].split(), *words[1:]]
            program = words[0].rpartition("/")[2]
        if program in SHELLS:
            return (yield from self._run_shell(replace(ctx, argv=[program, *words[1:]]), SHELLS[program]))
        return (yield from self.run(replace(ctx, argv=words)))

    def _run_shell(self, ctx: Context, dialect: Dialect) -> Run:
        """bash and sh: `-c TEXT`, a file, or what they read."""
        words, options = ctx.argv[1:], set[str]()
        command = False
        while words and words[0][:1] in {"-", "+"} and len(words[0]) > 1:
            word = words.pop(0)
            if word == "--":
                break
            if word in {"-o", "+o"} and words:
                options.add({"errexit": "e", "nounset": "u"}.get(words[0], words[0]))
                words.pop(0)
            elif not word.startswith("--"):
                command = command or "c" in word
                options |= set(word[1:]) - {"c", "l", "i", "s"}
        if command:
            if not words:
                return (yield from fail(2, f"{ctx.argv[0]}: -c: option requires an argument"))
            name = words[1] if len(words) > 1 else ctx.argv[0]
            return (yield from self.run_text(ctx, dialect, words[0], name, words[2:], options))
        if words:
            path = words[0]
            text = ctx.ask(ctx.host.disk.read, path if path.startswith("/") else f"/root/{path}")
            if text is None:
                why = "cannot open" if dialect == "dash" else ""
                message = (
                    f"{ctx.argv[0]}: 0: {why} {path}: No such file"
                    if why
                    else f"{ctx.argv[0]}: {path}: No such file or directory"
                )
                return (yield from fail(2 if dialect == "dash" else 127, message))
            return (yield from self.run_text(ctx, dialect, text, path, words[1:], options))
        lines = yield from ctx.read_lines()
        return (yield from self.run_text(ctx, dialect, "\n".join(lines), ctx.argv[0], [], options))

    def run_text(
        self,
        ctx: Context,
        dialect: Dialect,
        text: str,
        name: str,
        arguments: list[str],
        options: set[str] | None = None,
    ) -> Run:
        """Run a text as a script of its own."""
        own = ctx.ancestors[-1].pid if ctx.ancestors else 90
        state = ShellState(
            name=name, dialect=dialect, arguments=list(arguments), variables=dict(ctx.variables),
            exported=set(ctx.variables), options=set(options or ()), is_script=True, pid=own,
            depth=int(ctx.variables.get("SHLVL", "0")),
        )  # fmt: skip
        state.variables["SHLVL"] = str(state.depth + 1)
        if state.depth > 20:
            return (yield from fail(254, f"{name}: fork: retry: Resource temporarily unavailable"))
        state.exported.add("SHLVL")
        state.family = ctx.ancestors[-1:]
        inner = replace(ctx, tty=False)
        if not inner.ancestors:
            command = " ".join(ctx.argv)
            inner.ancestors = (
                Ancestor(state.pid, 0, "bash", "-bash"),
                Ancestor(99, state.pid, ctx.argv[0], command),
            )
        shell = Interpreter(inner, state, self.run, self._spawn)
        return (yield from shell.run(text))


def _program_name(path: str) -> str:
    return path.rpartition("/")[2]


def _not_found(ctx: Context, name: str) -> Run:
    what = "not found" if ctx.dialect == "dash" else "command not found"
    return fail(127, f"{ctx.shell_name}: {name}: {what}")


def _no_file(ctx: Context) -> str:
    return "not found" if ctx.dialect == "dash" else "No such file or directory"


def _run_whole(program: Run, name: str) -> tuple[list[Item], int]:
    """Run a program that does not wait to its end."""
    items: list[Item] = []
    while True:
        try:
            item = next(program)
        except StopIteration as end:
            return items, int(end.value or 0)
        if not isinstance(item, str):
            program.close()
            items.append(ErrorLine(f"hatlab: a script on a simulated node cannot wait for {name}"))
            return items, 1
        items.append(item)
