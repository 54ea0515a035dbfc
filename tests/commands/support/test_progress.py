"""The bar of what takes long: on a terminal alone, and gone in the end, whatever ends it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import redirect_stderr

import pytest

from hatlab.commands.support.json_output import json_output
from hatlab.commands.support.progress import ProgressBar, progress_bar
from hatlab.util.terminal import replace_glyphs, visible_output
from hatlab.util.work import Work

HALF = Work("saving x.tar", 250e6, 500e6, "bytes")


class _Terminal(io.TextIOWrapper):
    """A terminal that keeps what is written to it."""

    def __init__(self) -> None:
        self.raw_bytes = io.BytesIO()
        super().__init__(self.raw_bytes, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        return self.raw_bytes.getvalue().decode()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    terminal = _Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return terminal


def _draw(terminal: _Terminal, show: Callable[[ProgressBar], object] = lambda bar: bar.show(HALF)) -> None:
    with redirect_stderr(terminal), visible_output(), progress_bar() as bar:
        show(bar)


def test_it_says_what_is_done_and_how_far_it_is(terminal: _Terminal) -> None:
    _draw(terminal)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.text)
    assert "250/500 MB saving x.tar" in plain
    assert "━" in plain


def test_in_the_end_its_line_is_empty_and_the_cursor_there(terminal: _Terminal) -> None:
    def interrupt(bar: ProgressBar) -> None:
        bar.show(HALF)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _draw(terminal, interrupt)
    last = terminal.text[terminal.text.rindex("MB") :]
    assert "\x1b[?25h" in last
    assert "\x1b[2K" in last


@pytest.mark.parametrize("term", ["dumb", ""])
def test_where_nobody_sees_it_nothing_is_written(
    term: str, terminal: _Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    if term:
        monkeypatch.setenv("TERM", term)
    else:
        monkeypatch.setattr(terminal, "isatty", lambda: False)
    _draw(terminal)
    assert terminal.text == ""


def test_nor_beside_json(terminal: _Terminal) -> None:
    with redirect_stderr(terminal), json_output("image"), progress_bar() as bar:
        bar.show(HALF)
    assert terminal.text == ""


def test_it_is_ascii_where_that_is_asked_for(terminal: _Terminal) -> None:
    replace_glyphs(terminal, only_ascii=True)
    _draw(terminal)
    assert terminal.text.isascii()
    assert "250/500 MB" in terminal.text


def test_it_has_no_hue_where_none_is_wanted(terminal: _Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _draw(terminal)
    assert re.search(r"\x1b\[[\d;]*3[0-9][;\d]*m", terminal.text) is None


def test_a_name_steers_no_terminal(terminal: _Terminal) -> None:
    _draw(terminal, lambda bar: bar.show(Work("reading a\x1b[31m\nb", 1, 2)))
    assert "\x1b[31m" not in terminal.text
    assert "\\x1b[31m b" in terminal.text


def test_lines_stand_above_it_or_on_stdout(terminal: _Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    _draw(terminal, lambda bar: bar.print_line("step 1"))  # stdout is no terminal here
    assert capsys.readouterr().out == "step 1\n"
    assert "step 1" not in terminal.text


def test_without_a_total_it_counts(terminal: _Terminal) -> None:
    _draw(terminal, lambda bar: bar.show(Work("sending", 3e6, None, "bytes")))
    assert "3 MB" in terminal.text


def test_a_file_that_goes_on_its_way_is_told(tmp_path: object) -> None:
    from hatlab.engine.docker.image.progress import ByteProgress

    told: list[Work] = []
    progress = ByteProgress("saving x", 10, told.append)
    for count in (4, 4, 4):  # an image is larger than the engine says
        progress.add(count)
    assert [(work.done, work.total) for work in told] == [(4, 10), (8, 10), (10, 10)]
