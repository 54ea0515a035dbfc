"""Opens an interactive shell in a container on this terminal, over the Docker API (remote engines too)."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any

from hatlab.engine.action_outcomes import shell_without_terminal
from hatlab.engine.docker.sockets import close_socket, unwrap_socket
from hatlab.errors import ActionFailed
from hatlab.util.signals import handling_signals

if TYPE_CHECKING:
    from docker import DockerClient


def open_shell(client: DockerClient, container: str, command: tuple[str, ...] = ("/bin/bash",)) -> int:
    """Run a program of the container on this terminal until it ends; return its exit code.

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
        _copy_both_ways(stream)
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


def _copy_both_ways(stream: Any) -> None:
    """Copy keys to the stream, and its output to the terminal, until the stream ends."""
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
            if data:
                stream.sendall(data)
            else:
                keys.clear()


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
