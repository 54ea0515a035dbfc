"""What a shell remembers from one command to the next, and how much it may do in all."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from hatlab.engine.simulator.programs.context import Ancestor
from hatlab.shell import Dialect
from hatlab.shell.syntax import Command

MAX_STEPS = 50_000
"""Commands that a run may have; then it goes on for ever without doing anything, until somebody ends it."""
MAX_LINES = 200_000
"""Lines that its programs may write; then likewise."""
MAX_DEPTH = 24
"""How deep functions and `$(…)` may be nested."""
BUSY = 200
"""Commands without a wait after which a moment passes: a loop takes the processor's time."""
BUSY_TIME = 0.02
"""Seconds of it."""


@dataclass(slots=True)
class Budget:
    """Counts what one run does; its subshells count along."""

    steps: int = 0
    lines: int = 0

    @property
    def spent(self) -> bool:
        """True if it may do no more."""
        return self.steps > MAX_STEPS or self.lines > MAX_LINES


@dataclass(slots=True)
class ShellState:
    """Variables, functions, options. A subshell has a copy."""

    name: str = "bash"
    """`$0`, and who complains."""
    dialect: Dialect = "bash"
    arguments: list[str] = field(default_factory=list)
    """`$1` and so on."""
    variables: dict[str, str | list[str]] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    readonly: set[str] = field(default_factory=set)
    functions: dict[str, Command] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    """`e`, `u`, `f`, `pipefail` and so on, as `set` has them."""
    traps: dict[str, str] = field(default_factory=dict)
    scopes: list[dict[str, str | list[str] | None]] = field(default_factory=list)
    """Of each function that runs: its local variables' values outside."""
    status: int = 0
    """`$?`"""
    pipe_status: list[str] = field(default_factory=list)
    pid: int = 90
    """`$$`"""
    last_job: int = 0
    """`$!`"""
    jobs: list[int] = field(default_factory=list)
    """The processes that `&` began."""
    folder: str = "/root"
    depth: int = 0
    line: int = 1
    """The line that runs."""
    is_script: bool = False
    """A file or a `-c` text, not a person at a prompt."""
    family: tuple[Ancestor, ...] = ()
    """The processes that it is."""
    budget: Budget = field(default_factory=Budget)

    def get(self, name: str) -> str | None:
        """Return a variable's value, None if it is not set."""
        value = self.variables.get(name)
        return (value[0] if value else "") if isinstance(value, list) else value

    def set(self, name: str, value: str | list[str]) -> None:
        """Set a variable; `readonly` ones keep their value."""
        if name not in self.readonly:
            self.variables[name] = value
        if "a" in self.options:
            self.exported.add(name)

    def environment(self) -> dict[str, str]:
        """Return what programs get."""
        return {name: value for name in self.exported if (value := self.get(name)) is not None}

    def fork(self) -> ShellState:
        """Return the state of a subshell."""
        budget, functions, family = self.budget, self.functions, self.family
        self.budget, self.functions, self.family = Budget(), {}, ()
        twin = deepcopy(self)
        self.budget, self.functions, self.family = budget, functions, family
        twin.budget, twin.functions, twin.family = budget, dict(functions), family
        twin.depth += 1
        return twin

    def error(self, message: str, what: str = "") -> str:
        """Return a complaint as this shell makes it."""
        subject = f"{what}: " if what else ""
        if self.dialect == "dash":
            return f"{self.name}: {self.line}: {subject}{message}"
        where = f": line {self.line}" if self.is_script else ""
        return f"{self.name}{where}: {subject}{message}"
