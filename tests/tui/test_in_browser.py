"""The app in a browser, by Textual's own web driver, as `textual serve "hatlab start"` runs it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import hatlab.commands
from hatlab.control import RunningLab, list_running_labs, request_result
from hatlab.util.paths import sockets_dir
from tests.support.browser import Browser, Page
from tests.support.waiting import wait_until

DEADLINE = 60.0
_SERVE = """
import sys
from textual_serve.server import Server
Server(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2])).serve()
"""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\s+")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="hl") as state:  # a socket's path is limited to 100 bytes
        monkeypatch.setenv("XDG_STATE_HOME", state)
        yield


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(command: str) -> Iterator[str]:
    """Serve a command's app; give the address of its page."""
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVE, command, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _answers(port), DEADLINE, "the server")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(DEADLINE)


def _running_lab() -> RunningLab | None:
    return next(iter(list_running_labs(sockets_dir())), None)


def _wait_for(page: Page, condition: Callable[[], object], what: str) -> None:
    """Wait for something, and listen to the page meanwhile."""

    def look() -> bool:
        page.run("0")  # what came over the web socket is noted
        return bool(condition())

    wait_until(look, DEADLINE, what)


def _has_said(page: Page, words: str) -> Callable[[], bool]:
    """Return what tells whether the screen was sent these words, however they were broken into lines."""
    return lambda: words.replace(" ", "") in _CONTROL.sub("", page.received)


def test_a_lab_in_a_browser_takes_keys_and_ends_with_its_page(browser: Browser) -> None:
    with served(f"{sys.executable} -m hatlab.cli start --engine sim") as address:
        page = browser.new_page()
        page.open_address(address, ready="document.querySelector('textarea') !== null")
        _wait_for(page, lambda: (lab := _running_lab()) and _status(lab)["ready"], "a lab that is ready")
        lab = _running_lab()
        assert lab is not None
        _wait_for(page, _has_said(page, "db1 sends 150 every 1 s"), "the map")
        page.run("document.querySelector('textarea').focus()")
        page.press("k")
        _wait_for(page, lambda: not _mysqld_runs(lab), "a killed mysqld")
        page.press("s")
        _wait_for(page, _has_said(page, "A shell needs a terminal"), "why there is no shell")
        page.close()
        wait_until(lambda: _running_lab() is None, DEADLINE, "the end of the lab")


def _status(lab: RunningLab) -> dict[str, Any]:
    return request_result(lab.path, {"ask": "status"}, timeout=DEADLINE)


def _mysqld_runs(lab: RunningLab) -> bool:
    return bool(_status(lab)["nodes"]["db1"]["services"]["mysqld"]["state"] == "up")


def test_one_function_says_whether_there_is_a_screen() -> None:
    """No command looks at the terminal by itself for that, so none forgets the driver."""
    commands = Path(hatlab.commands.__file__).parent
    both = re.compile(r"stdin\.isatty\(\).*stdout\.isatty\(\)|stdout\.isatty\(\).*stdin\.isatty\(\)")
    lookers = {path.stem for path in commands.rglob("*.py") if both.search(path.read_text("utf-8"))}
    assert lookers == {"config", "pager", "shell"}  # an editor, a pager and a shell need a terminal


@pytest.mark.parametrize("command", ["learn kill-mysqld --engine sim"])
def test_without_a_terminal_but_with_a_driver_there_is_a_screen(command: str) -> None:
    """As under `textual serve`: stdin and stdout are pipes, and a driver is named."""
    app = subprocess.Popen(
        [sys.executable, "-m", "hatlab.cli", *command.split()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"},
    )
    assert app.stdin is not None
    assert app.stdout is not None
    try:
        assert app.stdout.readline() == b"__GANGLION__\n"
    finally:
        quit_ = b'{"type": "quit"}'
        app.stdin.write(b"M" + len(quit_).to_bytes(4, "big") + quit_)
        app.stdin.flush()
        app.communicate(timeout=DEADLINE)
