"""The shell of a console: what a person types, line by line; it remembers variables and the exit status."""

from __future__ import annotations

from collections.abc import Generator
from threading import Event

from hatlab.engine.simulator.programs.context import Context, ErrorLine, Item, Lab, PartialLine, Run
from hatlab.engine.simulator.programs.table import PROGRAMS
from hatlab.engine.simulator.shell.builtins import Break, Continue, Exit, Return
from hatlab.engine.simulator.shell.execution import Launcher
from hatlab.engine.simulator.shell.interpreter import Interpreter
from hatlab.engine.simulator.shell.script import ENVIRONMENT, Background, Script, can_fork
from hatlab.engine.simulator.shell.state import Budget, ShellState
from hatlab.shell import parse_script
from hatlab.shell.syntax import Command


class Shell:
    """A shell on one host."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.history: list[str] = []
        """The lines so far."""
        self.exited = False
        """`exit` was typed."""
        variables = {**ENVIRONMENT, "HOSTNAME": host, "USER": "root", "HOME": "/root", "SHELL": "/bin/bash"}
        self._state = ShellState(variables=dict(variables), exported=set(variables))
        self._interrupt = Event()
        self._lab: Lab

    @property
    def status(self) -> int:
        """The exit status of the last command, `$?`."""
        return self._state.status

    @status.setter
    def status(self, value: int) -> None:
        self._state.status = value

    @property
    def prompt(self) -> str:
        """The text before the cursor."""
        return f"[root@{self.host} ~]# "

    def run(self, lab: Lab, line: str) -> Run:
        """Run a line in a lab as it is now; the generator's value is the exit status."""
        if line.strip():
            self.history.append(line.strip())
        self._interrupt = Event()
        self._lab = lab
        script = parse_script(line, "bash")
        if script.error is not None:
            self.status = 2
            yield ErrorLine(self._state.error(script.error.describe("bash")))
            return 2
        self._state.budget = Budget()
        launcher = Launcher(self._spawn)
        host = lab.hosts[self.host]
        ctx = Context(lab, host, PROGRAMS, [], history=self.history, interrupt=self._interrupt)
        shell = Interpreter(ctx, self._state, launcher.run, self._spawn)
        try:
            yield from _whole_lines(shell.run_script(script))
        except Exit as end:
            self.status = end.status
            self.exited = not self._interrupt.is_set()
        except (Return, Break, Continue):
            pass
        if self._interrupt.is_set():
            self.status = 130
        return self.status

    def interrupt(self) -> None:
        """Ctrl-C: the running program says its last words at its next turn, and no other begins."""
        self._interrupt.set()

    def _spawn(self, command: Command, state: ShellState) -> int:
        """Start what `&` begins; its output goes nowhere. Return its process id, 0 if it cannot start."""
        host = self._lab.hosts[self.host]
        if not can_fork(host):
            return 0
        script = Script(self._lab, host, Background(command, state.fork()), state.pid)
        self._lab.clock.call_after(0.0, script.start)
        return script.pid


def _whole_lines(run: Generator[Item, str | None, None]) -> Generator[Item, str | None, None]:
    """Join output without a line's end with what follows it."""
    begun = ""
    answer: str | None = None
    while True:
        try:
            item: Item = run.send(answer) if answer is not None else next(run)
        except StopIteration:
            if begun:
                yield begun
            return
        answer = None
        if isinstance(item, PartialLine):
            begun += item
        elif isinstance(item, str) and begun and not isinstance(item, ErrorLine):
            yield begun + item
            begun = ""
        else:
            answer = yield item
