"""The console on a real terminal: prompt, line editing and history, Ctrl-C."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Protocol, TypeVar

from rich.cells import cell_len

from hatlab.engine.simulator.console.driver import LAST_WORDS
from hatlab.engine.simulator.programs.context import EditRequest, Item, Pause, Run
from hatlab.engine.simulator.programs.small_programs import CLEARED
from hatlab.engine.simulator.shell.console_shell import Shell
from hatlab.engine.simulator.world import World
from hatlab.keepalived.tokens import paint_conf
from hatlab.util.signals import handling_signals
from hatlab.util.terminal import CLEAR_SCREEN, CURSOR_UP, EMPTY_LINE, TerminalText, wants_colour
from hatlab.util.visible import show_controls
from hatlab.util.words import command_tokens, paint_words

T = TypeVar("T")
OpenEditor = Callable[[str, str], str | None]
"""(a file's path, its text) → the new text, None if it was not saved."""
_JOB_CONTROL = [getattr(signal, name) for name in ("SIGTSTP", "SIGQUIT") if hasattr(signal, name)]
"""Signals by which keys would lead out of the console, to whatever shell started hatlab."""
_SHOWS_CONF = re.compile(r"\s*(?:cat|head|tail|grep|sed|less|more)\b[^|<>;&]*\.conf\b[^|<>;&]*$")
"""A command that shows lines of a configuration as they are."""
FRAME = 0.02
"""Real seconds between two turns of a program that waits."""
NOT_RUN = "That was not run, as you are asked to look up. Type it again when you can go on."
WELCOME = "{} is simulated. Type help to see what its shell can do; press Ctrl+D to leave."


def print_output(text: str) -> None:
    """Print what programs wrote; of control sequences, that of `clear` alone reaches the terminal."""
    if isinstance(text, TerminalText):
        sys.stdout.write(TerminalText(f"{text}\n"))
        return
    _, cleared, after = text.rpartition(CLEARED)
    if cleared:
        sys.stdout.write(CLEAR_SCREEN)
    sys.stdout.write(f"{after}\n")


def paint_output(line: str, text: str) -> str:
    """Return a program's line in colours if what was typed shows a file of keepalived.

    Args:
        line: what was typed.
        text: what the program wrote.
    """
    if CLEARED in text or not _SHOWS_CONF.match(line):
        return text
    return paint_conf(text)


def repaint_typed(prompt: str, line: str, columns: int) -> TerminalText | None:
    """Return what draws a line that was just typed once more, with its SQL in colours.

    Args:
        prompt: what stands before it.
        line: what was typed.
        columns: of the terminal; a line that did not fit into one row is left as it is.
    """
    tokens = list(command_tokens(line))
    if not tokens or cell_len(prompt + line) >= columns:
        return None
    return TerminalText(f"{CURSOR_UP}{EMPTY_LINE}{show_controls(prompt)}{paint_words(line, tokens)}")


class WorldAccess(Protocol):
    """Does something in a world while nothing else does, and hands on what happened there."""

    def __call__(self, call: Callable[[World], T]) -> T: ...


def run_console(
    node: str,
    call_in_world: WorldAccess,
    read: Callable[[str], str] = input,
    write: Callable[[str], object] = print_output,
    on_line: Callable[[str], object] | None = None,
    open_editor: OpenEditor | None = None,
    is_held: Callable[[], bool] | None = None,
) -> int:
    """Read lines and run them until `exit` or the end of input; return the last exit status.

    Args:
        node: a node or client.
        call_in_world: does something in the world.
        read: prompts for a line; raises EOFError at the end and KeyboardInterrupt for Ctrl-C.
        write: takes a line of output.
        on_line: hears each line that is run.
        open_editor: what nano and vi open; None where there is no editor.
        is_held: True while no line is run, as whoever types is asked to look up.
    """
    with suppress(ImportError):
        import readline  # gives `input` editing and history

        readline.set_completer(lambda _word, _state: None)  # or it would offer the files of this machine
    with handling_signals(signal.SIG_IGN, *_JOB_CONTROL):
        return _run_lines(
            Shell(node), call_in_world, read, write, on_line, open_editor, is_held or (lambda: False)
        )


def _run_lines(
    shell: Shell,
    call_in_world: WorldAccess,
    read: Callable[[str], str],
    write: Callable[[str], object],
    on_line: Callable[[str], object] | None,
    open_editor: OpenEditor | None,
    is_held: Callable[[], bool],
) -> int:
    node = shell.host
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
        if read is input and wants_colour(os.environ, sys.stdout.isatty()):
            painted = repaint_typed(shell.prompt, line, shutil.get_terminal_size().columns)
            if painted is not None:
                write(painted)
        if is_held():
            if line.strip():
                write(NOT_RUN)
            continue
        if on_line is not None and line.strip():
            on_line(line.strip())
        if not _run_line(shell, line, call_in_world, write, open_editor, is_held):
            write(f"hatlab: the connection to {node} was lost")
            return 255
    return shell.status


def _run_line(
    shell: Shell,
    line: str,
    call_in_world: WorldAccess,
    write: Callable[[str], object],
    open_editor: OpenEditor | None,
    is_held: Callable[[], bool],
) -> bool:
    """Run one line to its end; False if the machine lost its power."""
    world = call_in_world(lambda world: world)
    program = shell.run(world, line)
    answer: str | None = None
    turns_left = LAST_WORDS
    colour = wants_colour(os.environ, sys.stdout.isatty())
    with _on_interrupt(shell.interrupt) as pressed:
        while True:
            step = partial(_run_step, program, answer, shell.host, world)
            state, items = call_in_world(step)
            answer = None
            for item in items:
                if isinstance(item, EditRequest):
                    answer = open_editor(item.path, item.text) if open_editor is not None else None
                    while is_held():  # what was written there waits
                        time.sleep(FRAME)
                elif isinstance(item, str):
                    write(paint_output(line, item) if colour else item)
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
