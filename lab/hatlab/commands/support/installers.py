"""How this hatlab itself is removed, and what mentions it in files of a person's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hatlab.errors import LabError
from hatlab.util.files import read_text

_SHELL_FILES = (".bashrc", ".bash_profile", ".profile", ".zshrc", ".config/fish/config.fish")
_FISH_COMPLETION = ".config/fish/completions/hatlab.fish"


def removal_command() -> str:
    """Return the command that removes the program itself, by the place where it was installed."""
    if (Path(__file__).parents[4] / "pyproject.toml").is_file():
        return f"rm -r {Path(__file__).parents[4]}"
    parts = Path(sys.prefix).parts
    if "pipx" in parts:
        return "pipx uninstall hatlab"
    if "uv" in parts:
        return "uv tool uninstall hatlab" if "tools" in parts else "uv cache clean hatlab"
    return f"{sys.executable} -m pip uninstall hatlab"


def own_lines() -> Iterator[str]:
    """Yield the files of a person's that make a shell complete hatlab, which hatlab does not touch."""
    home = Path.home()
    if (home / _FISH_COMPLETION).is_file():
        yield f"~/{_FISH_COMPLETION}"
    for name in _SHELL_FILES:
        with suppress(LabError, OSError):
            if (home / name).is_file() and "hatlab completion" in read_text(home / name, "file"):
                yield f"~/{name}"
