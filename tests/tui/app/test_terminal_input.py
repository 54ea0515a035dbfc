"""What a terminal sends becomes keys: no Esc is lost, whatever follows it and however fast."""

from __future__ import annotations

import pytest
from textual import events

from hatlab.tui.app.app import LabApp
from hatlab.tui.app.terminal_input import EscapeParser, TerminalDriver
from tests.support.story_engine import StoryEngine
from tests.tui.apps import make_app


def keys_of(*pieces: str) -> list[str]:
    """Return the keys of what a terminal sends, piece by piece, and then nothing more for a while."""
    parser = EscapeParser()
    found = [message for piece in pieces for message in parser.feed(piece)]
    found += parser.end_escape() if parser.escape_pending else []
    return [message.key for message in found if isinstance(message, events.Key)]


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1b", ["escape"]),
        ("\x1b:", ["escape", "colon"]),
        ("\x1b3", ["escape", "3"]),
        ("\x1bk", ["escape", "k"]),
        ("\x1bq\x1b:", ["escape", "q", "escape", "colon"]),
        ("\x1b\x1b", ["escape", "escape"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b/\x1b[A\x1b4", ["escape", "slash", "up", "escape", "4"]),
        ("\x1b[B\x1bOP\x1b[6~", ["down", "f1", "pagedown"]),
        ("\x1b\x7f", ["ctrl+w"]),
        ("12\x7f\x1bn", ["1", "2", "backspace", "escape", "n"]),
    ],
)
def test_an_escape_stays_an_escape(sent: str, keys: list[str]) -> None:
    assert keys_of(sent) == keys
    assert keys_of(*sent) == keys, "byte by byte"


def test_a_paste_is_no_escape() -> None:
    parser = EscapeParser()
    pasted = list(parser.feed("\x1b[200~kill mysqld\x1b[201~\x1bq"))
    assert [m.text for m in pasted if isinstance(m, events.Paste)] == ["kill mysqld"]
    assert [m.key for m in pasted if isinstance(m, events.Key)] == ["escape", "q"]


def test_the_app_reads_a_terminal_so() -> None:
    app = make_app(StoryEngine())
    assert isinstance(app, LabApp)
    assert app.driver_class is TerminalDriver
