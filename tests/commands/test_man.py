"""The manual page: it says what --help says, and man takes it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hatlab.commands import COMMANDS
from hatlab.commands.support.man_page import man_page
from hatlab.commands.support.parsers import command_parser
from tests.support.command_line import CommandLine


def test_it_has_every_command_and_option() -> None:
    page = man_page().replace("\\-", "-")
    assert [name for name in COMMANDS if f".SH HATLAB {name.upper()}\n" not in page] == []
    options = {option for name in COMMANDS for option in command_parser(name)._option_string_actions}
    assert [option for option in options - {"-h", "--help"} if option not in page] == []


def test_it_has_the_page_of_reference() -> None:
    page = man_page()
    assert all(f".SH {section}\n" in page for section in ("ENVIRONMENT", "FILES", "EXIT STATUS"))
    assert ".B HATLAB_LESSONS\n" in page


def test_no_text_is_taken_for_a_command() -> None:
    known = (".TH ", ".SH ", ".B ", ".I ", ".IP ", ".TP", ".PP", ".nf", ".fi")
    lines = man_page().splitlines()
    assert [line for line in lines if line.startswith((".", "'")) and not line.startswith(known)] == []


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_has_nothing_to_say_against_it() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-k", "-ww"], input=man_page(), capture_output=True, text=True, check=True
    )
    assert "virtual IP and a client" in " ".join(done.stdout.split())
    assert [line for line in done.stderr.splitlines() if "adjust" not in line and "break" not in line] == []


def test_it_is_shown_by_man(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    man = tmp_path / "man"
    man.write_text('#!/bin/sh\nhead -n 1 "$1"\n')
    man.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    from hatlab.cli import main

    assert main(["man"]) == 0
    assert capfd.readouterr().out.startswith(".TH HATLAB 1")


def test_without_man_the_help_of_every_command_is_printed(
    hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    out = hatlab("man").out
    assert all(f"usage: hatlab {name}" in out for name in COMMANDS)


def test_the_page_itself_is_printed_when_asked_for(hatlab: CommandLine) -> None:
    assert hatlab("man", "--roff").out == man_page()
