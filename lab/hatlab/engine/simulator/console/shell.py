"""The console's shell: runs a line's pipelines, one after another, and remembers the last exit status."""

from __future__ import annotations

from collections.abc import Generator
from threading import Event

from hatlab.engine.simulator.console.host import Context, ErrorLine, Item, Run, fail
from hatlab.engine.simulator.console.pipe_filters import FILTERS, collect_lines
from hatlab.engine.simulator.console.programs import PROGRAMS
from hatlab.engine.simulator.console.shell_parser import Pipeline, ShellSyntaxError, Word, parse_line
from hatlab.engine.simulator.world import World

MAX_DEPTH = 4
"""How far `$(…)` may be nested."""


class Shell:
    """A shell on one host."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.status = 0
        """The exit status of the last command, `$?`."""
        self.history: list[str] = []
        """The lines so far."""
        self.exited = False
        """`exit` was typed."""
        self._interrupt = Event()
        self._world: World
        """The one that the running line looks at."""

    @property
    def prompt(self) -> str:
        """The text before the cursor."""
        return f"[root@{self.host} ~]# "

    def run(self, world: World, line: str) -> Run:
        """Run a line in a world as it is now; the generator's value is the exit status."""
        if line.strip():
            self.history.append(line.strip())
        self._interrupt = Event()
        self._world = world
        self.status = yield from self._run_list(line, 0)
        return self.status

    def interrupt(self) -> None:
        """Ctrl-C: the running program says its last words at its next turn, and no other begins."""
        self._interrupt.set()

    def _run_list(self, line: str, depth: int) -> Run:
        try:
            pipelines = parse_line(line)
        except ShellSyntaxError as error:
            yield ErrorLine(str(error))
            return 2
        for pipeline in pipelines:
            if (pipeline.when == "&&" and self.status) or (pipeline.when == "||" and not self.status):
                continue
            self.status = yield from self._run_pipeline(pipeline, depth)
            if self._interrupt.is_set():
                return 130
            if self.exited:
                break
        return self.status

    def _run_pipeline(self, pipeline: Pipeline, depth: int) -> Run:
        first, *rest = pipeline.commands
        argv = yield from self._expand_words(first, depth)
        run = self._run_program(argv, tty=not rest and not depth)
        for words in rest:
            argv = yield from self._expand_words(words, depth)
            if not argv or argv[0] not in FILTERS:
                run.close()
                known, name = ", ".join(FILTERS), argv[0] if argv else "nothing"
                yield ErrorLine(f"hatlab: a simulated node pipes into {known} only, not {name}")
                return 127
            run = FILTERS[argv[0]](argv, run)
        return (yield from run)

    def _run_program(self, argv: list[str], *, tty: bool) -> Run:
        if not argv:
            return 0
        name = argv[0]
        if name.startswith(("/usr/", "/bin/", "/sbin/")):
            name = name.rpartition("/")[2]
        if name in {"exit", "logout"}:
            self.exited = True
            return int(argv[1]) & 255 if len(argv) > 1 and argv[1].isdecimal() else self.status
        program = PROGRAMS.get(name)
        if program is None:
            why = "No such file or directory" if "/" in argv[0] else "command not found"
            return (yield from fail(127, f"bash: {argv[0]}: {why}"))
        host, argv = self._world.hosts[self.host], [name, *argv[1:]]
        ctx = Context(self._world, host, PROGRAMS, argv, tty, self.history, self._interrupt)
        return (yield from program(ctx))

    def _expand_words(self, words: tuple[Word, ...], depth: int) -> Generator[Item, str | None, list[str]]:
        """Return the words with variables and `$(…)` replaced; what was not quoted falls into words again."""
        argv: list[str] = []
        for word in words:
            finished: list[str] = []
            text, is_word = "", False
            for part in word:
                value = part.value
                if part.kind == "variable":
                    value = self._variable_value(part.value)
                elif part.kind == "command":
                    value = yield from self._run_substitution(part.value, depth)
                if part.kind != "text" and not part.quoted:
                    pieces = value.split()
                    finished += [text + pieces[0], *pieces[1:-1]] if len(pieces) > 1 else []
                    text = pieces[-1] if len(pieces) > 1 else text + "".join(pieces)
                    is_word = is_word or bool(pieces)
                else:
                    text, is_word = text + value, True
            if is_word:
                argv += [*finished, text]
        return argv

    def _run_substitution(self, line: str, depth: int) -> Generator[Item, str | None, str]:
        if depth >= MAX_DEPTH:
            yield ErrorLine("hatlab: $(…) is nested too deep")
            return ""
        return "\n".join((yield from collect_lines(self._run_list(line, depth + 1))))

    def _variable_value(self, name: str) -> str:
        variables = {"?": str(self.status), "$": "90", "HOSTNAME": self.host, "USER": "root", "HOME": "/root"}
        return variables.get(name, "")
