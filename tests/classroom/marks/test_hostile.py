"""Recordings, names and a roster that attack whoever grades: what is printed and written is clean."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hatlab.classroom.course import open_course
from hatlab.classroom.links import Link, links_as_csv, links_as_page, make_links
from hatlab.classroom.new_course import make_course
from hatlab.util.html_text import escape, fill_in
from hatlab.util.spreadsheet import to_csv
from tests.texts.command_lines import run_hostile
from tests.texts.hostile import ATTACKS, random_text, unsafe_in

KEPT = {"format", "version", "kind", "seal", "at"}
"""Keys whose values make a line a line of a recording."""
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠|%]")


def _spoil(value: Any, rng: random.Random, share: float) -> Any:
    match value:
        case str() if rng.random() < share:
            return random_text(rng)
        case list():
            return [_spoil(part, rng, share) for part in value]
        case dict():
            return {k: v if k in KEPT else _spoil(v, rng, share) for k, v in value.items()}
    return value


def _forge(recording: Path, rng: random.Random, share: float) -> None:
    lines = [json.loads(line) for line in recording.read_text().splitlines()]
    recording.write_text("".join(f"{json.dumps(_spoil(line, rng, share))}\n" for line in lines))


def _rename(folder: Path, rng: random.Random) -> Path:
    name = re.sub(r"[/\0\ud800-\udfff]", "", random_text(rng))[:60].strip(". ") or "x"
    return folder.rename(folder.with_name(name))


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def _look_at_page(text: str) -> None:
    page = _Page(text)
    assert not page.tags & {"script", "img", "iframe", "object", "link", "base", "form", "a"}
    assert not [name for name in page.attributes if name.startswith("on") or name in {"href", "src"}]
    assert not unsafe_in(text)
    assert "default-src 'none'" in text
    assert text.count("<title>") == text.count("<h1>") == 1


def _look_at_table(text: str) -> None:
    assert not unsafe_in(text)
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if FORMULA.match(cell)]


def test_forged_work_attacks_nobody(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)
    rng = random.Random(1)
    handed_in = work / "handed-in"
    for number, folder in enumerate(sorted(handed_in.iterdir())):
        for recording in folder.glob("*.jsonl"):
            _forge(recording, rng, (0.02, 0.2, 0.6)[number])
        progress = folder / "progress.json"
        progress.write_text(json.dumps(_spoil(json.loads(progress.read_text()), rng, 0.3)))
        _rename(folder, rng)
    grade = ["grade", str(handed_in), "--lessons", str(work / "course")]
    assert run_hostile(grade) == run_hostile([*grade, "--json"]) == []
    assert run_hostile([*grade, "--csv", "m.csv"]) == run_hostile([*grade, "--pages", "pages"]) == []
    _look_at_table((work / "m.csv").read_text())
    pages = list((work / "pages").iterdir())
    assert len(pages) == 3
    for page in pages:
        _look_at_page(page.read_text())
    assert {path.name for path in work.iterdir()} == {"handed-in", "course", "m.csv", "pages"}


def _bombs() -> dict[str, str]:
    head = '{"format":"hatlab-recording","version":1}\n'
    return {
        "deep": head + "[" * 100_000,
        "deep-object": head + '{"kind":"learner","of":' + '{"a":' * 100_000,
        "numbers": head + '{"kind":"lab","at":1' + "0" * 100_000 + "}\n",
        "exponents": head + '{"kind":"tick","at":1e999}\n' * 300,
        "lines": head + "{}\n" * 5_000,
        "one-line": head + '{"kind":"log","text":"' + "x" * 3_000_000 + '"}\n',
        "keys": head + "{" + ",".join(f'"k{n}":1' for n in range(10_000)) + "}\n",
    }


def test_bombs_are_told_and_the_others_are_graded(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)
    for name, bomb in _bombs().items():
        folder = work / "handed-in" / name
        folder.mkdir()
        (folder / "20261201-090000-sound.lesson.jsonl").write_text(bomb)
    began = time.process_time()
    assert run_hostile(["grade", "handed-in", "--lessons", "course", "--csv", "m.csv"]) == []
    assert time.process_time() - began < 60  # of processor time
    rows = [*csv.reader(io.StringIO((work / "m.csv").read_text()))]
    assert {"anna", "bruno", "carla"} <= {row[0] for row in rows if len(row) > 3 and row[3]}


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\n=1", "＝1", "\u200b=1", "|calc"]
)
def test_no_cell_is_a_formula(start: str) -> None:
    [row] = csv.reader(io.StringIO(to_csv([(start, 5, -3.5)])))
    assert not FORMULA.match(row[0])
    assert row[1:] == ["5", "-3.5"]


def test_links_of_people_with_any_name(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text('s01,"=cmd|\' /C calc\'!A0"\ns02,"<script>alert(1)</script>"\ns03,CARDS TITLE\n')
    make_course(tmp_path / "course", people)
    links = make_links(open_course(tmp_path / "course"))
    _look_at_table(links_as_csv(links))
    page = links_as_page("CARDS of TITLE", links)
    _look_at_page(page)
    assert page.count("<section>") == 3
    assert "<h2>CARDS TITLE</h2>" in page
    hostile = [Link("x", attack, "http://x") for attack in ATTACKS]
    _look_at_page(links_as_page(ATTACKS[-4], hostile))


def test_a_name_of_a_part_is_a_word_within_a_part() -> None:
    assert fill_in("<A><B>", A="B A", B=escape("<A>")) == "<B A><&lt;A&gt;>"
