"""Which program copies to the desktop's clipboard, and that it gets the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.util.clipboard import copy_to_desktop, find_program


def make_program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("names", "variables", "found"),
    [
        ((), {"DISPLAY": ":0"}, None),
        (("xclip", "wl-copy"), {}, None),
        (("xclip", "wl-copy"), {"DISPLAY": ":0"}, "xclip"),
        (("xclip", "wl-copy"), {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "wl-copy"),
        (("pbcopy",), {}, "pbcopy"),
    ],
)
def test_the_program_is_one_that_works_here(
    tmp_path: Path, names: tuple[str, ...], variables: dict[str, str], found: str | None
) -> None:
    for name in names:
        make_program(tmp_path, name, "exit 0")
    program = find_program({"PATH": str(tmp_path), **variables})
    assert (program[0] if program else None) == found


def test_the_text_reaches_the_program(tmp_path: Path) -> None:
    out = tmp_path / "copied"
    make_program(tmp_path, "pbcopy", f'while IFS= read -r line; do echo "$line"; done > "{out}"')
    assert copy_to_desktop("kill mysqld db1\n★\n", {"PATH": str(tmp_path)})
    assert out.read_text() == "kill mysqld db1\n★\n"


@pytest.mark.parametrize("script", ["exit 1", "exec /nowhere/at/all"])
def test_a_program_that_fails_copies_nothing(tmp_path: Path, script: str) -> None:
    make_program(tmp_path, "pbcopy", script)
    assert not copy_to_desktop("text", {"PATH": str(tmp_path)})


def test_without_a_program_nothing_is_copied(tmp_path: Path) -> None:
    assert not copy_to_desktop("text", {"PATH": str(tmp_path)})
