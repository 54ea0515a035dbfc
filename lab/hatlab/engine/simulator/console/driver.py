"""Runs a line without a terminal, in a world that stands still otherwise."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from hatlab.engine.simulator.programs.context import EditRequest, ErrorLine, Pause
from hatlab.engine.simulator.shell.console_shell import Shell
from hatlab.engine.simulator.world import World

LAST_WORDS = 20
"""Turns that an interrupted program gets to end by itself."""


@dataclass(frozen=True, slots=True)
class Output:
    """The outcome of a line."""

    text: str
    """All that it printed."""
    errors: str
    """As much of it as went to stderr."""
    status: int
    """Its exit status."""


def run_line(
    world: World, node: str, line: str, *, seconds: float = 30.0, shell: Shell | None = None
) -> Output:
    """Run a line on a node, in as much virtual time as it needs; after `seconds` of it Ctrl-C is pressed."""
    shell = shell or Shell(node)
    limit, turns_left = world.clock.now + seconds, LAST_WORDS
    out: list[str] = []
    program = shell.run(world, line)
    with suppress(StopIteration):
        while True:
            item = next(program)
            if isinstance(item, str):
                out.append(item)
            elif not isinstance(item, EditRequest):
                if world.clock.now >= limit:
                    shell.interrupt()
                    turns_left -= 1
                if not turns_left:
                    program.close()
                    shell.status = 130
                    break
                if isinstance(item, Pause) and item.until <= limit:
                    world.clock.run_until(item.until)
                else:
                    world.clock.step()
    errors = [line for line in out if isinstance(line, ErrorLine)]
    return Output("\n".join(out), "\n".join(errors), shell.status)
