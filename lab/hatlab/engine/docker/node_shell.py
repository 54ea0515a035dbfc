"""Opens an interactive shell in a container on this terminal, over the Docker API (remote engines too)."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any

from hatlab.engine.action_outcomes import shell_without_terminal
from hatlab.engine.base import IsHeld, OnLine
from hatlab.engine.docker.sockets import close_socket, unwrap_socket
from hatlab.errors import ActionFailed
from hatlab.util.signals import handling_signals

if TYPE_CHECKING:
    from docker import DockerClient

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])")
"""An arrow or another special key."""


def open_shell(
    client: DockerClient,
    container: str,
    command: tuple[str, ...] = ("/bin/bash",),
    on_line: OnLine | None = None,
    is_held: IsHeld | None = None,
) -> int:
    """Run a program of the container on this terminal until it ends; return its exit code.

    `on_line` hears each line that is typed, as `TypedLines` makes it out of the keys. While `is_held` is true
    keys do nothing.

    Raises:
        ActionFailed: there is no terminal, or the container is not running.
    """
    from docker.errors import APIError

    if not sys.stdin.isatty():
        raise shell_without_terminal()
    api = client.api
    term = os.environ.get("TERM", "xterm")
    try:
        run = api.exec_create(
            container, list(command), stdin=True, tty=True, environment={"TERM": term}, workdir="/root"
        )["Id"]
        stream = unwrap_socket(api.exec_start(run, tty=True, socket=True))
    except APIError as error:
        raise ActionFailed(f"no shell: {error.explanation}") from None

    def resize(*_: Any) -> None:
        columns, rows = shutil.get_terminal_size()
        with contextlib.suppress(Exception):  # the window's size is a nicety
            api.exec_resize(run, height=rows, width=columns)

    resize()
    with _raw_terminal(), handling_signals(resize, signal.SIGWINCH):
        _copy_both_ways(stream, TypedLines(on_line), is_held or (lambda: False))
    close_socket(stream)
    return int(api.exec_inspect(run).get("ExitCode") or 0)


def run_line(client: DockerClient, container: str, line: str) -> str:
    """Run a line in a container's shell to its end; return what it prints, errors too.

    Raises:
        ActionFailed: the container is not running.
    """
    from docker.errors import APIError

    try:
        run = client.api.exec_create(container, ["/bin/bash", "-c", line], workdir="/root")["Id"]
        return bytes(client.api.exec_start(run)).decode("utf-8", "replace")
    except APIError as error:
        raise ActionFailed(f"no shell: {error.explanation}") from None


class TypedLines:
    """The lines that keys amount to: a line that was completed or fetched by special keys is known in part.

    Args:
        on_line: hears each line.
    """

    def __init__(self, on_line: OnLine | None) -> None:
        self._on_line = on_line
        self._keys = ""

    def feed(self, data: bytes) -> None:
        """Take in keys."""
        if self._on_line is None:
            return
        for key in _ESCAPE.sub("…", data.decode("utf-8", "replace")):
            match key:
                case "\r" | "\n":
                    if line := self._keys.strip():
                        self._on_line(line)
                    self._keys = ""
                case "\x7f" | "\b":
                    self._keys = self._keys[:-1]
                case "\x03" | "\x15":
                    self._keys = ""
                case "\t":
                    self._keys += "…"
                case _ if key.isprintable():
                    self._keys += key


def _copy_both_ways(stream: Any, typed: TypedLines, is_held: IsHeld) -> None:
    """Copy keys to the stream, unless they are held, and its output to the terminal, until it ends."""
    keys: list[Any] = [sys.stdin.fileno()]
    while True:
        ready, _, _ = select.select([*keys, stream], [], [])
        if stream in ready:
            try:
                data = stream.recv(65536)
            except OSError:
                return
            if not data:
                return
            view = memoryview(data)
            while view:
                view = view[os.write(sys.stdout.fileno(), view) :]
        if keys and keys[0] in ready:
            data = os.read(keys[0], 4096)
            if not data:
                keys.clear()
            elif not is_held():
                typed.feed(data)
                stream.sendall(data)


@contextlib.contextmanager
def _raw_terminal() -> Any:
    import termios
    import tty

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
