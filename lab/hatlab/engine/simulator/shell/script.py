"""A script or program that runs in virtual time, as a process of its machine."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from typing import Any, TypeVar

from hatlab.engine.simulator.disk import read_shebang
from hatlab.engine.simulator.node import Host
from hatlab.engine.simulator.programs.context import Ancestor, Context, Item, Lab, Pause, Run
from hatlab.engine.simulator.programs.table import PROGRAMS
from hatlab.engine.simulator.shell.execution import Launcher
from hatlab.engine.simulator.shell.interpreter import Interpreter
from hatlab.engine.simulator.shell.state import ShellState
from hatlab.shell import Script as ShellScript
from hatlab.shell.syntax import AndOr, Command, Pipeline

T = TypeVar("T")
START = 0.002
"""Seconds that a small program takes to start."""
POLL = 0.01
"""Seconds until a program looks again for what it waits for."""
PAUSED_POLL = 0.1
"""Seconds until a process of a paused machine looks again."""
MAX_CHILDREN = 64
"""Processes that a script may have in the background at once; then `fork` fails."""
MAX_SCRIPTS = 4 * MAX_CHILDREN
"""Processes of scripts and of shells that a machine may have at once; then likewise."""
MAX_OUTPUT = 20_000
"""Lines that a script may write; then it goes on for ever without doing anything."""
TERM, KILL = 15, 9
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
    "LC_ALL": "C.UTF-8",
    "PWD": "/root",
}


@dataclass(frozen=True, slots=True)
class Background:
    """What `&` began: a command of a shell."""

    command: Command
    state: ShellState


class Script:
    """One process. It runs until it waits; the clock, or what it waits for, lets it go on.

    Python cannot copy a generator. So a copy of the world has this process without one, and makes it anew
    when it goes on: it runs again from its beginning, and whatever it asked the lab before is answered from
    memory.

    Args:
        job: the program and its arguments, or a command behind `&`.
        parent: the process that begins it.
        on_end: called with the exit status, or minus the signal that ended it, and `args`.
        user: who runs it.
    """

    def __init__(
        self,
        lab: Lab,
        host: Host,
        job: tuple[str, ...] | Background,
        parent: int,
        on_end: Callable[..., None] | None = None,
        args: tuple[Any, ...] = (),
        *,
        user: str = "root",
    ) -> None:
        self.user = user
        self._lab, self._host, self._job = lab, host, job
        self._on_end, self._args = on_end, args
        self.pid, self.parent = host.new_script_pid(), parent
        self.status: int | None = None
        """How it ended; None while it runs."""
        self.children: dict[int, Script] = {}
        self.ignores: set[int] = set()
        """Signals that its shell traps."""
        self._answers: list[Any] = []
        self._turns = 0
        """How often its generator was let go on."""
        self._wakes_at = inf
        self._lines = 0
        self._run: Iterator[Item] | None = None
        self._replayed = 0
        self._running = False
        self._killed = 0
        self.name, self.command = self._names()
        host.scripts[self.pid] = self

    def _names(self) -> tuple[str, str]:
        """Return what `ps` shows: a script's process has its file's name, and its interpreter in front."""
        if isinstance(self._job, Background):
            return self._job.state.name.rpartition("/")[2], self._job.state.name
        name, line = self._job[0].rpartition("/")[2], " ".join(self._job)
        interpreter = read_shebang(self._host.disk.read(self._job[0]) or "") or ()
        return name[:15], " ".join((*interpreter, line))

    def __deepcopy__(self, memo: dict[int, Any]) -> Script:
        twin = Script.__new__(Script)
        memo[id(self)] = twin
        plain = {key: value for key, value in self.__dict__.items() if key not in {"_run", "_job"}}
        twin.__dict__.update(copy.deepcopy(plain, memo), _job=self._job, _run=None, _replayed=0)
        return twin

    def start(self) -> None:
        """Begin."""
        self._advance()

    # -- what its programs use

    def ask(self, call: Callable[..., T], *args: Any) -> T:
        """Ask the lab, or answer from memory; see `hatlab.engine.simulator.programs.context.Ask`."""
        if self._replayed < len(self._answers):
            answer: T = self._answers[self._replayed]
        else:
            answer = call(*args)
            self._answers.append(answer)
        self._replayed += 1
        return answer

    def wake(self) -> None:
        """What it waits for has happened."""
        self._lab.clock.call_after(0.0, self._resume, None)

    def _spawn(self, command: Command, state: ShellState) -> int:
        alive = [child for child in self.children.values() if child.status is None]
        if len(alive) >= MAX_CHILDREN or not can_fork(self._host):
            return 0
        child = Script(self._lab, self._host, Background(command, state.fork()), self.pid, user=self.user)
        self.children[child.pid] = child
        self._lab.clock.call_after(0.0, child.start)
        return child.pid

    # -- how it goes on

    def _build(self) -> Iterator[Item]:
        launcher = Launcher(self._spawn, started=START, recorded=True)
        ctx = Context(
            self._lab, self._host, PROGRAMS, [], tty=False, ask=self.ask, wake=self.wake, script=self,
            user=self.user, launch=_launch(launcher), variables=dict(ENVIRONMENT),
            ancestors=(Ancestor(self.pid, self.parent, self.name, self.command),),
        )  # fmt: skip
        if isinstance(self._job, Background):
            shell = Interpreter(ctx, self._job.state.fork(), launcher.run, self._spawn)
            body = ShellScript((AndOr((Pipeline((self._job.command,)),)),))
            return shell.run_subshell(body)
        ctx.argv = list(self._job)
        return launcher.run(ctx)

    def _resume(self, time: float | None) -> None:
        """Go on, unless it waits for a later moment."""
        if self.status is not None or (time is not None and time != self._wakes_at):
            return
        if self._host.power == "paused":
            self._lab.clock.call_after(PAUSED_POLL, self._resume, time)
        elif self._host.power == "on":
            self._advance()

    def _advance(self) -> None:
        if self.status is not None or self._running:
            return
        self._running = True
        self._wakes_at = inf
        try:
            if self._run is None:
                self._run, self._replayed = self._build(), 0
                for _ in range(self._turns):
                    next(self._run)
            while True:
                self._turns += 1
                item = next(self._run)
                if self._killed:
                    self._end(-self._killed)
                    return
                if isinstance(item, str):
                    self._lines += 1
                    if self._lines > MAX_OUTPUT:
                        return
                    continue
                if isinstance(item, Pause):
                    self._sleep_until(item.until)
                else:
                    self._sleep_until(self._lab.clock.now + POLL)
                return
        except StopIteration as end:
            self._end(int(end.value or 0) if not self._killed else -self._killed)
        except RecursionError:
            self._end(2)
        finally:
            self._running = False

    def _sleep_until(self, time: float) -> None:
        self._wakes_at = time
        if time < inf:
            self._lab.clock.call_at(time, self._resume, time)

    def signal(self, number: int) -> None:
        """Send it, and what it began, a signal, which ends it unless its shell traps it."""
        for child in list(self.children.values()):
            child.signal(number)
        if self.status is not None or (number != KILL and number in self.ignores) or number in {0, 18, 19}:
            return
        if self._running:
            self._killed = number
        else:
            self._end(-number)

    def abandon(self) -> None:
        """End it without a word to who began it."""
        self._on_end = None
        if self.status is None:
            self._end(-KILL)

    def _end(self, status: int) -> None:
        self.status = status
        self._host.scripts.pop(self.pid, None)
        self._host.ended[self.pid] = status if status >= 0 else 128 - status
        if len(self._host.ended) > 2 * MAX_CHILDREN:
            del self._host.ended[next(iter(self._host.ended))]
        run, self._run = self._run, None
        close = getattr(run, "close", None)
        if close is not None and not self._running:
            with suppress(RuntimeError, ValueError):
                close()
        self._answers.clear()
        if self._on_end is not None:
            self._on_end(status, *self._args)


def can_fork(host: Host) -> bool:
    """True unless a machine has as many processes of scripts as it may have."""
    return len(host.scripts) < MAX_SCRIPTS


def _launch(launcher: Launcher) -> Callable[[list[str], Context], Run]:
    """Return what lets a program that keepalived runs itself run another one."""
    return lambda argv, ctx: launcher.run(replace(ctx, argv=argv))
