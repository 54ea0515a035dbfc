"""Long texts: in the person's pager on a terminal, as they are elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hatlab.commands.support.pager import page, show_markdown

PAGE = "# Title\n\nSome *words*.\n"


def make_terminal(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Make stdin and stdout a terminal, with a pager that writes what it is given to a file; return that."""
    seen, pager = folder / "seen", folder / "pager"
    pager.write_text(f'#!/bin/sh\n(echo "$1 LESS=$LESS"; cat) > {seen}\n')
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", f"{pager} -x")
    monkeypatch.delenv("LESS", raising=False)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    return seen


def test_a_page_is_formatted_for_the_pager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = make_terminal(monkeypatch, tmp_path)
    show_markdown(PAGE)
    told, _, text = seen.read_text().partition("\n")
    assert told == "-x LESS=FRX"
    assert "Title" in text
    assert "#" not in text
    assert capsys.readouterr().out == ""


def test_the_persons_own_settings_of_less_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = make_terminal(monkeypatch, tmp_path)
    monkeypatch.setenv("LESS", "-i")
    page("text")
    assert seen.read_text() == "-x LESS=-i\ntext"


@pytest.mark.parametrize("pager", ["nowhere-at-all", "true"])
def test_a_pager_that_is_missing_or_leaves_early_is_no_error(
    pager: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_terminal(monkeypatch, tmp_path)
    monkeypatch.setenv("PAGER", pager)
    page("text " * 100_000)
    assert ("text" in capsys.readouterr().out) is (pager != "true")


def test_without_a_terminal_it_is_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    show_markdown(PAGE)
    assert capsys.readouterr().out == PAGE
