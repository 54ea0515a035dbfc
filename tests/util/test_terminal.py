"""The terminal between two apps, on one of its own."""

from __future__ import annotations

import os
import pty
import select
import sys
import termios
from collections.abc import Iterator

import pytest

from hatlab.util.terminal import cannot_draw_glyphs, discard_typed, no_echo, with_echo


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of this process's terminal, at which somebody types."""
    own, terminal = pty.openpty()
    with os.fdopen(terminal, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield own
        os.close(own)


def flags() -> int:
    found = termios.tcgetattr(sys.stdin)[3]
    assert isinstance(found, int)
    return found & (termios.ECHO | termios.ICANON)


def there_is(end: int) -> bool:
    """Whether there is something to read, now or at once."""
    return bool(select.select([end], [], [], 0.2)[0])


def test_what_is_typed_while_it_is_silent_is_neither_echoed_nor_kept(keyboard: int) -> None:
    before = flags()
    with no_echo():
        os.write(keyboard, b"\x1b[B\n")
        assert not there_is(keyboard), "nothing is echoed"
        with with_echo():
            assert flags() == termios.ECHO | termios.ICANON
        assert not flags()
    assert flags() == before
    assert not there_is(sys.stdin.fileno())


def test_it_is_as_it_was_after_a_failure(keyboard: int) -> None:
    before = flags()
    with pytest.raises(KeyboardInterrupt), no_echo():
        raise KeyboardInterrupt
    assert flags() == before


def test_where_there_is_no_terminal_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with no_echo(), with_echo():
            discard_typed()


@pytest.mark.parametrize(
    ("answer", "in_ascii"),
    [(b"\x1b[7;2R", False), (b"\x1b[7;3R", True), (b"\x1b[7;R", False), (b"", False)],
    ids=["one cell", "two cells", "nonsense", "silence"],
)
def test_a_terminal_that_draws_a_star_in_two_cells_gets_ascii(
    keyboard: int, monkeypatch: pytest.MonkeyPatch, answer: bytes, in_ascii: bool
) -> None:
    with open(os.ttyname(sys.stdin.fileno()), "w", encoding="utf-8") as screen:
        monkeypatch.setattr(sys, "stdout", screen)
        os.write(keyboard, answer)
        before = flags()
        assert cannot_draw_glyphs({"TERM": "xterm"}) is in_ascii
        assert flags() == before
        asked = b""
        while there_is(keyboard):
            asked += os.read(keyboard, 100)
    assert "\r★\x1b[6n" in asked.decode(), "it asks where the cursor is"
    assert asked.endswith(b"\r\x1b[K"), "and leaves nothing behind"


@pytest.mark.parametrize(
    ("environ", "in_ascii"),
    [
        ({"HATLAB_ASCII": "1"}, True),
        ({"HATLAB_ASCII": "0"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "linux"}, True),
        ({"TERM": "vt220"}, True),
        ({"TERM": "linux", "HATLAB_ASCII": "0"}, False),
    ],
)
def test_ascii_can_be_asked_for(environ: dict[str, str], in_ascii: bool) -> None:
    assert cannot_draw_glyphs(environ) is in_ascii
