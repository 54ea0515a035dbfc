"""Packages with extensions, as pip leaves them in a folder of Python's path."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from hatlab.registry import use_extensions

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-extension"


def install(folder: Path, package: str, entries: Mapping[str, str], source: str, version: str = "1.0") -> str:
    """Write a package into a folder, and return the name of its module.

    Args:
        folder: of Python's path.
        package: its name as pip has it.
        entries: `action strike` → what it is in the module.
        source: of the module.
        version: of the package.
    """
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(dedent(source), encoding="utf-8")
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines = ""
    for words, value in entries.items():
        kind, name = words.split(maxsplit=1)
        lines += f"[hatlab.{kind}s]\n{name} = {module}:{value}\n"
    (info / "entry_points.txt").write_text(lines, encoding="utf-8")
    return module


def install_example(folder: Path) -> None:
    """Write the example of the documentation into a folder."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = {
        f"{group.removeprefix('hatlab.').removesuffix('s')} {name}": value.partition(":")[2]
        for group, points in project["entry-points"].items()
        for name, value in points.items()
    }
    source = (EXAMPLE / "hatlab_example.py").read_text(encoding="utf-8")
    install(folder, project["name"], entries, source, project["version"])


def find_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python, and hatlab, find the packages of a folder; until the test ends."""
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.delenv("HATLAB_EXTENSIONS", raising=False)
    for file in folder.glob("*.py"):
        monkeypatch.delitem(sys.modules, file.stem, raising=False)
    use_extensions(lambda: True)
