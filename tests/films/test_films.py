"""Films are drawn as they were seen; those that docs/ and README show need no script and nobody else."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.films.__main__ import FOLDER
from tests.films.cast import IDLE_LIMIT, Cast
from tests.films.frames import compacted, frames_of
from tests.films.scenes import SCENES
from tests.films.svg import draw_film

ROOT = Path(__file__).parents[2]
CAST = Cast(
    20,
    3,
    "a < b",
    (
        (0.0, "$ ls\r\n"),
        (1.0, "\x1b[1;31mred & bold\x1b[0m \x1b[7mback\x1b[0m\x1b[>1u\x1b[?2026$p"),
        (9.0, "\x1b[2J\x1b[H★ MASTER"),
    ),
)


def rows(cast: Cast) -> list[tuple[float, str]]:
    """The moment and the text of each frame."""
    frames = frames_of(cast, 0.1)
    return [(f.at, "\n".join("".join(c.data for c in row) for row in f.rows).rstrip()) for f in frames]


def test_a_film_shows_what_the_terminal_showed() -> None:
    assert [(at, text.split()) for at, text in rows(CAST)] == [
        (0.0, ["$", "ls"]),
        (1.0, ["$", "ls", "red", "&", "bold", "back"]),
        (9.0, ["★", "MASTER"]),
    ]


def test_a_compacted_film_shows_the_same() -> None:
    assert rows(compacted(CAST)) == rows(CAST)


def test_a_silence_is_cut_short() -> None:
    assert [at for at, _ in CAST.shortened().output] == [0.0, 1.0, 1.0 + IDLE_LIMIT]


def test_a_film_can_be_read_again(tmp_path: Path) -> None:
    CAST.write(tmp_path / "a.cast")
    assert Cast.read(tmp_path / "a.cast") == CAST


def test_a_drawing_moves_each_row_to_what_it_shows() -> None:
    svg = draw_film(list(frames_of(CAST, 0.1)), CAST.title, hold=1)
    assert [text for text in ElementTree.fromstring(svg).itertext() if "a < b" in text]
    assert "red &amp; bold" in svg
    moved = "@keyframes l0{0.00%{transform:translateY(0px)}90.00%{transform:translateY(-22px)}}"
    assert moved in svg, "the first row changes at 9 s of 10"
    assert 'id="l0" transform="translate(0 -22)"' in svg, "where nothing moves, the last frame is seen"


@pytest.mark.parametrize("name", SCENES)
def test_a_film_of_docs_is_there_and_needs_nobody(name: str) -> None:
    cast, svg = Cast.read(FOLDER / f"{name}.cast"), (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert cast.title == SCENES[name].title
    assert (cast.width, cast.height) == SCENES[name].size
    assert cast.output[-1][0] < 90, "a film is short"
    assert len(svg.encode()) < 1_500_000
    assert not re.search(r"<script|<foreignObject|\son\w+=|@import|url\(|href=\"[^#]", svg)
    assert ("@keyframes" in svg) == SCENES[name].animated
    pages = [*ROOT.glob("docs/*.md"), ROOT / "README.md"]
    assert any(f"films/{name}.svg" in page.read_text(encoding="utf-8") for page in pages)


def test_no_film_is_left_over() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SCENES)
