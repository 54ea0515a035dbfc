"""Output that takes nothing, or that is opened and not read: a sentence, and what was there stays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from hatlab.engine.docker.image.archive import write_archive
from hatlab.errors import UserError
from hatlab.util import files
from tests.commands.test_bad_files import KINDS
from tests.support.command_line import CommandLine
from tests.support.story import story, write_recording

FULL = Path("/dev/full")
COMMANDS = (
    ["--help"],
    ["export", "run.jsonl", "--to", "json", "-o", "-"],
    ["replay", "run.jsonl", "--json"],
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_recording(tmp_path / "run.jsonl", story(5))
    return tmp_path


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_stdout_is_said() -> None:
    program = "import sys; from hatlab.cli import main; sys.exit(main())"
    with FULL.open("w") as full:
        running = [
            subprocess.Popen([sys.executable, "-c", program, *argv], stdout=full, stderr=subprocess.PIPE)
            for argv in COMMANDS
        ]
    for argv, process in zip(COMMANDS, running, strict=True):
        _, said = process.communicate(timeout=60)
        assert process.returncode == 1, argv
        assert b"cannot write the output" in said, argv
        assert b"unexpected" not in said, argv


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_an_error_that_nobody_can_be_told_keeps_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from hatlab.cli import main

    with FULL.open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        assert main(["check", "not-there"]) == 2
        monkeypatch.undo()
        with pytest.raises(OSError, match="space"):
            full.close()


@pytest.mark.parametrize("form", ["html", "json", "cast", "pcapng"])
def test_an_export_that_fails_leaves_what_was_there(
    form: str, hatlab: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder / "out"
    out.write_text("before")

    @contextmanager
    def replacing(path: Path, mode: int) -> Iterator[IO[bytes]]:
        with files.replacing(path, mode) as whole:
            yield whole
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("hatlab.commands.export.replacing", replacing)
    hatlab("export", "run.jsonl", "--to", form, "-o", out, "--force", code=1)
    assert out.read_text() == "before"
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["out", "run.jsonl"]


def test_a_reader_that_opens_and_does_not_read_is_given_up(
    hatlab: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_recording(folder / "long.jsonl", story(44))
    try:
        told = hatlab("export", "long.jsonl", "--to", "html", "-o", pipe, code=1)
    finally:
        os.close(reader)
    assert "nobody reads it" in told.err


@pytest.mark.parametrize("kind", ["folder", "full", "pipe", "endless"])
def test_an_image_is_saved_to_an_ordinary_file_only(kind: str, folder: Path) -> None:
    path = folder / "node.tar"
    KINDS[kind](path)
    with pytest.raises(UserError, match=r"node\.tar"):
        write_archive([b"x"], 1, path, lambda _: None)
