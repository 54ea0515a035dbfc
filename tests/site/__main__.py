"""Builds the site: python -m tests.site [--out FOLDER]"""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from subprocess import run

import yaml

from tests.site.built import find_problems
from tests.site.commands import command_pages
from tests.site.lessons import lesson_pages
from tests.site.navigation import read_configuration
from tests.site.player import add_films, add_player
from tests.site.sources import DOCS, ROOT, written_pages

THEME = Path(__file__).parent / "theme"


def all_pages() -> dict[str, str]:
    """Return the name of each page of the site → its Markdown."""
    return written_pages() | command_pages() | lesson_pages()


def lay_out(pages: Mapping[str, str], folder: Path) -> None:
    """Write what zensical makes the site of: `docs/` and `mkdocs.yml` in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in pages.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for pictures in ("pictures", "films"):
        shutil.copytree(DOCS / pictures, folder / "docs" / pictures)
    shutil.copytree(THEME, folder / "docs" / "assets")
    configuration = read_configuration(pages) | {"docs_dir": "docs", "site_dir": "site"}
    if add_player(folder / "docs" / "assets", ROOT / ".venv" / "npm"):
        add_films(folder / "docs" / "films")
        configuration["extra_css"].insert(0, "assets/asciinema-player.css")
        configuration["extra_javascript"].insert(0, "assets/asciinema-player.min.js")
    else:
        sys.stderr.write(
            "the films stay pictures: their player comes with npm, which is missing or reaches nothing\n"
        )
    shutil.copy(ROOT / "LICENSE", folder / "docs" / "LICENSE")
    text = yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True)
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")


def main() -> int:
    """Build the site, and return the exit code."""
    parser = ArgumentParser(prog="python -m tests.site", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="the folder to make it in (build)")
    folder: Path = parser.parse_args().out
    pages = all_pages()
    lay_out(pages, folder)
    zensical = Path(sys.executable).parent / "zensical"
    run([zensical, "build", "--clean", "-f", "mkdocs.yml"], cwd=folder, check=True, capture_output=True)
    problems = list(find_problems(folder / "site", pages))
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if not problems:
        sys.stdout.write(f"{len(pages)} pages: {folder / 'site' / 'index.html'}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
