"""The console on a real terminal: prompt, line editing and history, Ctrl-C, and the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from hatlab.engine.simulator.console.driver import LAST_WORDS
from hatlab.engine.simulator.programs.context import EditRequest, Item, Pause, Run
from hatlab.engine.simulator.shell.console_shell import Shell
from hatlab.engine.simulator.world import World

T = TypeVar("T")
FRAME = 0.02
"""Real seconds between two turns of a program that waits."""
WELCOME = "{} is simulated. Type help to see what its shell can do; press Ctrl+D to leave."


class WorldAccess(Protocol):
    """Does something in a world while nothing else does, and hands on what happened there."""

    def __call__(self, call: Callable[[World], T]) -> T: ...


def run_console(
    node: str,
    call_in_world: WorldAccess,
    read: Callable[[str], str] = input,
    write: Callable[[str], object] = print,
    on_line: Callable[[str], object] | None = None,
) -> int:
    """Read lines and run them until `exit` or the end of input; return the last exit status.

    Args:
        node: a node or client.
        call_in_world: does something in the world.
        read: prompts for a line; raises EOFError at the end and KeyboardInterrupt for Ctrl-C.
        write: takes a line of output.
        on_line: hears each line that is run.
    """
    with suppress(ImportError):
        import readline  # noqa: F401  gives `input` editing and history
    shell = Shell(node)
    write(WELCOME.format(node))
    while not shell.exited:
        try:
            line = read(shell.prompt)
        except EOFError:
            write("exit")
            break
        except KeyboardInterrupt:
            write("^C")
            shell.status = 130
            continue
        if on_line is not None and line.strip():
            on_line(line.strip())
        if not _run_line(shell, line, call_in_world, write):
            write(f"hatlab: the connection to {node} was lost")
            return 255
    return shell.status


def _run_line(shell: Shell, line: str, call_in_world: WorldAccess, write: Callable[[str], object]) -> bool:
    """Run one line to its end; False if the machine lost its power."""
    world = call_in_world(lambda world: world)
    program = shell.run(world, line)
    answer: str | None = None
    turns_left = LAST_WORDS
    with _on_interrupt(shell.interrupt) as pressed:
        while True:
            step = partial(_run_step, program, answer, shell.host, world)
            state, items = call_in_world(step)
            answer = None
            for item in items:
                if isinstance(item, EditRequest):
                    answer = open_editor(item, write)
                elif isinstance(item, str):
                    write(item)
            if state != "runs":
                return state != "off"
            if not items or items[-1] is None or isinstance(items[-1], Pause):
                turns_left -= pressed.is_set()
                if turns_left < 0:
                    call_in_world(lambda _: program.close())
                    shell.status = 130
                    return True
                time.sleep(FRAME)


def _run_step(
    program: Run, answer: str | None, host: str, before: World, world: World
) -> tuple[str, list[Item]]:
    """Return a program's next lines, up to where it waits: (`runs`, `ended` or `off`, lines)."""
    items: list[Item] = []
    if world.hosts[host].power == "off":
        program.close()
        return "off", items
    if world is not before:  # time was set back: what it was looking at is no more
        program.close()
        return "ended", ["hatlab: the lab went to another moment, so the command ends here"]
    try:
        items.append(program.send(answer) if answer is not None else next(program))
        while len(items) < 200 and isinstance(items[-1], str):
            items.append(next(program))
    except StopIteration:
        return "ended", items
    return "runs", items


@contextmanager
def _on_interrupt(call: Callable[[], None]) -> Iterator[threading.Event]:
    """Meanwhile Ctrl-C calls this, and is noted; it never breaks into work in the world."""
    pressed = threading.Event()

    def handle(*_: object) -> None:
        pressed.set()
        call()

    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def open_editor(request: EditRequest, write: Callable[[str], object]) -> str | None:
    """Open $VISUAL, $EDITOR, nano or vi on a copy of a file; return the new text, None if it failed."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    words = words or [name for name in ("nano", "vi") if shutil.which(name)][:1]
    if not words:
        write("hatlab: there is no editor here; set EDITOR")
        return None
    with tempfile.TemporaryDirectory(prefix="hatlab-") as folder:
        copy = Path(folder) / Path(request.path).name
        copy.write_text(request.text, encoding="utf-8")
        try:
            status = subprocess.call([*words, str(copy)])
            return copy.read_text(encoding="utf-8") if status == 0 else None
        except (OSError, UnicodeDecodeError) as error:
            write(f"hatlab: {words[0]}: {error}")
            return None
