"""Chains: a recording is signed while it grows, across restarts, and nothing of it can be changed later."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from hatlab.classroom.marks import chain
from hatlab.classroom.marks.chain import ChainWriter, SeatSigner, chain_path, check_chain
from hatlab.errors import UserError

KEY = b"k" * 32


def _grow(recording: Path, text: str) -> None:
    with recording.open("a") as out:
        out.write(text)


def _signed(recording: Path) -> None:
    recording.write_text("one\n")
    writer = ChainWriter(recording, KEY, "s01", 1, lambda: 100.0)
    writer.follow()
    _grow(recording, "two\nthree\n")
    writer.follow()
    _grow(recording, "four\n")
    writer.follow()


def test_what_grew_is_signed_block_by_block(tmp_path: Path) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    check = check_chain(recording, KEY, "s01")
    assert (check.status, check.what, check.number) == ("signed", "", 1)
    assert [block.lines for block in check.blocks] == [1, 3, 4]
    assert chain_path(recording).stat().st_mode & 0o777 == 0o600


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    recording.write_text("one\ntw")
    writer = ChainWriter(recording, KEY, "s01", 1)
    assert writer.follow() == 1
    assert writer.follow() == 0
    _grow(recording, "o\n")
    assert writer.follow() == 1
    assert check_chain(recording, KEY, "s01").signed_lines == 2


@pytest.mark.parametrize("kept", [0, 1, 40, -2, -1, None], ids=lambda kept: f"{kept} written")
@pytest.mark.parametrize("full_at", [1, 2, 3, 4], ids=lambda n: f"write {n}")
def test_a_full_disk_keeps_signatures_back_and_breaks_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: int, kept: int | None
) -> None:
    """Some of a line may have been written, or all of it though the writer hears of a failure."""
    recording, writes = tmp_path / "run.lesson.jsonl", 0

    def append(path: Path, text: str) -> None:
        nonlocal writes
        writes += 1
        with path.open("a") as out:
            out.write(text[:kept] if full_at <= writes < full_at + 3 else text)
        if full_at <= writes < full_at + 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(chain, "append_private", append)
    signer, told = SeatSigner(tmp_path, KEY, "s01", lambda: 100.0), []
    for number in range(9):
        _grow(recording, f"line {number}\n")
        told += signer.follow()
    check = check_chain(recording, KEY, "s01")
    assert (check.status, check.what, check.signed_lines, check.number) == ("signed", "", 9, 1)
    assert told == [f"{recording} cannot be signed now: No space left on device"]


def test_another_writer_goes_on_where_the_chain_ends(tmp_path: Path) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    with chain_path(recording).open("a") as out:
        out.write('{"lines": 9, "by')  # the one before was killed while it wrote
    _grow(recording, "five\n")
    ChainWriter(recording, KEY, "s01", 1).follow()
    check = check_chain(recording, KEY, "s01")
    assert (check.status, check.signed_lines, check.what) == ("signed", 5, "")


def _swap(text: str) -> str:
    return text.replace("two\nthree", "three\ntwo")


CHANGES: list[Callable[[str], str]] = [
    lambda text: text.replace("two", "TWO"),
    lambda text: text.replace("two\n", ""),
    lambda text: text.replace("two\n", "two\ntwo\n"),
    _swap,
    lambda text: text[:-1],
    lambda text: text.replace("four\n", ""),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_breaks_it(tmp_path: Path, change: Callable[[str], str]) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    recording.write_text(change(recording.read_text()))
    assert check_chain(recording, KEY, "s01").status == "broken"
    with pytest.raises(UserError, match="cannot be signed any further"):
        ChainWriter(recording, KEY, "s01", 1)


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_or_missing_line_of_the_chain_breaks_it(tmp_path: Path, line: int) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    lines = chain_path(recording).read_text().splitlines()
    chain_path(recording).write_text("\n".join(lines[:line] + lines[line + 1 :]))
    assert check_chain(recording, KEY, "s01").status == "broken"
    lines[line] = lines[line].replace('"number": 1', '"number": 7').replace('"wall": 100.0', '"wall": 90.0')
    chain_path(recording).write_text("\n".join(lines))
    assert check_chain(recording, KEY, "s01").status == "broken"


@pytest.mark.parametrize("text", ["", "\0\0", "[]\n", '{"number": []}\n', "{}\n{}\n"])
def test_a_damaged_chain_is_broken(tmp_path: Path, text: str) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    chain_path(recording).write_text(text)
    assert check_chain(recording, KEY, "s01").status in {"broken", "foreign"}


def test_it_is_one_student_s_and_one_class_s(tmp_path: Path) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    assert check_chain(recording, KEY, "s02").status == "foreign"
    assert check_chain(recording, b"x" * 32, "s01").status == "foreign"
    assert check_chain(recording, None, "s01").status == "unsigned"


def test_a_seat_signs_each_lesson_and_counts_them(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    signer = SeatSigner(folder, KEY, "s01")
    assert signer.follow() == []  # there is no folder yet
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.lesson.jsonl").write_text("one\n")
        (folder / f"{name}.jsonl").write_text("no lesson\n")
        assert signer.follow() == []
    checks = [check_chain(folder / f"{name}.lesson.jsonl", KEY, "s01") for name in ("a", "b")]
    assert [(check.status, check.number) for check in checks] == [("signed", 1), ("signed", 2)]
    assert not chain_path(folder / "a.jsonl").exists()


def test_what_cannot_be_signed_is_told_once(tmp_path: Path) -> None:
    recording = tmp_path / "run.lesson.jsonl"
    _signed(recording)
    recording.write_text("another\n")
    signer = SeatSigner(tmp_path, KEY, "s01")
    assert len(signer.follow()) == 1
    assert signer.follow() == []
