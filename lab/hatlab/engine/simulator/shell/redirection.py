"""`>`, `<`, `2>&1`: where a command's lines go and come from."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from hatlab.engine.simulator.programs.connections import connection_error
from hatlab.engine.simulator.programs.context import Context, ErrorLine, Item, PartialLine, Source
from hatlab.engine.simulator.programs.filters import text_lines
from hatlab.engine.simulator.shell.state import ShellState
from hatlab.shell.syntax import Redirect

_TCP = re.compile(r"/dev/(tcp|udp)/([^/]+)/([^/]+)")
OUTPUT, ERRORS, NOWHERE = "\0out", "\0err", "\0null"
"""Targets that are no files."""


class RedirectionFault(Exception):
    """A file or connection that cannot be opened; its arguments are the shell's messages."""


@dataclass(slots=True)
class Redirection:
    """The descriptors of one command."""

    ctx: Context
    targets: dict[int, str] = field(default_factory=lambda: {1: OUTPUT, 2: ERRORS})
    """Descriptor → file, or one of the three."""
    stdin: Source | None = None

    @property
    def sends_output_away(self) -> bool:
        return self.targets[1] != OUTPUT

    @classmethod
    def open(
        cls, ctx: Context, state: ShellState, redirects: Iterable[tuple[Redirect, str]]
    ) -> Generator[Item, str | None, Redirection]:
        """Open everything, in its order.

        Raises:
            RedirectionFault: something cannot be opened.
        """
        self = cls(ctx)
        for redirect, target in redirects:
            yield from self._open_one(state, redirect, target)
        return self

    def _open_one(
        self, state: ShellState, redirect: Redirect, target: str
    ) -> Generator[Item, str | None, None]:
        operator, descriptor = redirect.operator, redirect.descriptor
        if operator in {"<<", "<<<"}:
            self.stdin = text_lines(target if operator == "<<" else target + "\n")
            return
        if operator in {">&", "<&"} and (target.isdecimal() or target == "-"):
            self.targets[descriptor] = NOWHERE if target == "-" else self.targets.get(int(target), NOWHERE)
            return
        both = operator in {"&>", "&>>", ">&"}
        if match := _TCP.fullmatch(target):
            yield from self._open_connection(state, match, target)
            if operator.startswith("<") and descriptor == 0:
                self.stdin = iter(())
            else:
                self.targets[descriptor] = NOWHERE
            return
        if operator in {"<", "<>"}:
            text = self.ctx.ask(self.ctx.host.disk.read, self._path(state, target))
            if text is None:
                raise RedirectionFault(_complaint(state, target, "No such file or directory", reading=True))
            if descriptor == 0:
                self.stdin = text_lines(text)
            else:
                self.targets[descriptor] = NOWHERE
            return
        name = {"/dev/null": NOWHERE, "/dev/stdout": OUTPUT, "/dev/stderr": ERRORS}.get(target)
        if name is None:
            name = self._path(state, target)
            if why := self.ctx.ask(self._begin_file, name, operator in {">>", "&>>"}):
                raise RedirectionFault(_complaint(state, target, why, reading=False))
        self.targets[descriptor] = name
        if both:
            self.targets[2] = name

    def _open_connection(
        self, state: ShellState, match: re.Match[str], target: str
    ) -> Generator[Item, str | None, None]:
        """Connect, as bash does; dash knows no such files."""
        if state.dialect == "dash":
            raise RedirectionFault(_complaint(state, target, "No such file or directory", reading=True))
        why = yield from connection_error(self.ctx, match[2], match[3])
        if why:
            name = state.name.rpartition("/")[2]
            raise RedirectionFault(f"{name}: connect: {why}", state.error(why, target))

    @staticmethod
    def _path(state: ShellState, target: str) -> str:
        return target if target.startswith("/") else f"{state.folder}/{target}"

    def _begin_file(self, path: str, append: bool) -> str:
        return self.ctx.host.disk.write(path, "", append=append)

    def _append(self, path: str, text: str) -> str:
        return self.ctx.host.disk.write(path, text, append=True)

    def direct(self, run: Generator[Item, str | None, None]) -> Generator[Item, str | None, None]:
        """Run a command, and let its lines go where they shall."""
        answer: str | None = None
        while True:
            try:
                item = run.send(answer) if answer is not None else next(run)
            except StopIteration:
                return
            answer = None
            if not isinstance(item, str):
                answer = yield item
                continue
            target = self.targets[2 if isinstance(item, ErrorLine) else 1]
            if target == OUTPUT:
                yield str(item) if isinstance(item, ErrorLine) else item
            elif target == ERRORS:
                yield item if isinstance(item, ErrorLine) else ErrorLine(item)
            elif target != NOWHERE:
                self.ctx.ask(self._append, target, item if isinstance(item, PartialLine) else item + "\n")


def _complaint(state: ShellState, target: str, why: str, *, reading: bool) -> str:
    if state.dialect == "dash":
        short = (
            "No such file"
            if reading and why.startswith("No such")
            else "Directory nonexistent"
            if why.startswith("No such")
            else why
        )
        return state.error(f"cannot {'open' if reading else 'create'} {target}: {short}")
    return state.error(why, target)
