"""hatlab learn, lessons and verify from the command line: text in, text out, and what each ends with."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.util.paths import hatlab_command
from tests.support.command_line import CommandLine
from tests.support.lesson_texts import LESSON, VARIANTS
from tests.support.present import present

SOUND = LESSON.replace("owner db2]", "owner db2, outage]")
SOUND = SOUND.replace("- Press k.", '- "{key:kill mysqld NODE|Press @|Type @}."')
BAD = SOUND.replace("id: small", "id: bad").replace("owner db2, outage]", "ownr db2]")

Learn = Callable[..., str]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "hatlab" / "progress.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Takes the place of the shipped lessons: one sound, one with variants, one with mistakes."""
    found = tmp_path / "lessons"
    found.mkdir()
    keyed = SOUND.replace("- Press k.", '- "{key:kill mysqld NODE|Press @|Type @}."')
    (found / "01-small.md").write_text(keyed)
    (found / "02-find-it.md").write_text(VARIANTS)
    (found / "03-bad.md").write_text(BAD)
    monkeypatch.setattr("hatlab.lessons.library.loader.shipped_folder", lambda _: found)
    return found


@pytest.fixture
def learn(hatlab: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Learn:
    """Plays a lesson as text with what a learner types, on a simulator whose time runs fast."""
    monkeypatch.setattr(SimulatorEngine, "__init__", partialmethod(SimulatorEngine.__init__, speed=20.0))

    def play(file: Path, typed: str, *more: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return hatlab("learn", file, "--plain", "--engine", "sim", *more).out

    return play


# -- learn --plain ------------------------------------------------------------------------------------------


def test_a_lesson_to_its_end(folder: Path, state: Path, learn: Learn) -> None:
    typed = "3\nkill mysqld db1\nwait\nnext\ndb1\ndb2\nstart mysqld db1\nwait\n"
    told = learn(folder / "01-small.md", typed)
    for part in (
        "The address is 198.18.0.100.",
        "Step 1 of 2: Kill it",
        "Predict: For how many seconds is the client cut off? (a number of seconds",
        "Locked: 3 s.",
        "To do: Kill mysqld on db1.",
        "Done: Kill mysqld on db1.",
        "You said: 3 s. It was: ",
        "This step is done. Type next to continue.",
        "No. Look again.",
        "Right.",
        "# Summary",
        "- You can say who holds the address.",
        "Right the first time: ",
        "Hints: 0. Tasks skipped: 0.",
        "Next lesson: ",
    ):
        assert part in told, part
    assert json.loads(state.read_text())["lessons"]["small"]["finished"]


def test_what_is_typed_wrongly_is_answered(folder: Path, learn: Learn) -> None:
    typed = (
        "\nsoon\nhint\nhelp\n3\nkil mysqld db1\nkill mysqld db9\nnext\nhint\n"
        + "status\nsql db1 'x\nquit\nnever\n"
    )
    told = learn(folder / "01-small.md", typed)
    for part in (
        "'soon' is not a number (type digits, such as 12.5)",
        "A prediction needs no hint",
        "  skip this question or task",
        "unknown action 'kil'",
        "no node 'db9'",
        "This step is not done yet.",
        "Type kill mysqld NODE.",
        "198.18.0.100 is held by db1",
        "close the quotes",
        "To continue this lesson where you left it: hatlab learn small --plain --engine sim\n",
    ):
        assert part in told.replace(hatlab_command(), "hatlab"), part
    assert "never" not in told
    assert "Traceback" not in told


def test_a_lesson_goes_on_where_what_was_typed_ended(folder: Path, state: Path, learn: Learn) -> None:
    file = folder / "01-small.md"
    learn(file, "3\nkill mysqld db1\nwait\nnext\n")
    own = json.loads(state.read_text())["lessons"]["small"]
    assert (own["step"], own["finished"]) == (1, None)
    told = learn(file, "db2\nstart mysqld db1\nwait\n")
    on, put, begun = (
        told.index(part)
        for part in (
            "Continuing at step 2 of 2: Look.",
            "the lab is being set up for this step",
            "Step 2 of 2: Look",
        )
    )
    assert on < put < begun
    assert "The address is" not in told, "the introduction was read"
    assert "Step 1 of 2" not in told
    own = json.loads(state.read_text())["lessons"]["small"]
    assert own["finished"]
    assert own["answers"].keys() == {"cut-off", "who"}, "what was answered before is not lost"
    assert own["measured"]["outage"] > 2


def test_what_was_skipped_is_done_by_the_lab_before_the_next_step(folder: Path, learn: Learn) -> None:
    typed = "skip\nskip\nnext\ndb2\nquit\n"
    told = learn(folder / "01-small.md", typed)
    assert "One moment: the lab is being set up for this step." in told
    assert "right" in told[told.index("Who holds it now?") :].lower(), "db2, as mysqld on db1 was killed"


def test_a_step_is_begun_again(folder: Path, learn: Learn) -> None:
    typed = "3\nkill mysqld db1\nwait\nretry\n9\nkill mysqld db1\nwait\nquit\n"
    told = learn(folder / "01-small.md", typed)
    assert told.count("Done: Kill mysqld on db1.") == 2
    assert "You said: 9 s" in told
    assert told.count("kill mysqld db1 started") == 2


def test_what_is_no_text_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b"\xff\xff\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", typed)
    err = hatlab("learn", folder / "01-small.md", "--plain", "--engine", "sim", code=2).err
    assert "it must be UTF-8 text" in err


def test_a_lesson_with_variants_goes_on_in_its_own(folder: Path, state: Path, learn: Learn) -> None:
    file = folder / "02-find-it.md"
    again = "It was {{service}}.\n\n```yaml task\nid: wait\ndo: Wait.\nwhen: elapsed 99\nwatch: true\n```\n"
    file.write_text(f"{VARIANTS}\n## Again\n\n{again}")
    learn(file, "b\nstart keepalived db1\nwait\nnext\n", "--seed", "1")
    assert json.loads(state.read_text())["lessons"]["find-it"]["variant"] == "two"
    for _ in range(4):
        assert "It was keepalived." in learn(file, "")


def test_a_demonstration_plays_itself_through_a_pipe(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatlab.cli", "learn", folder / "01-small.md", "--auto", "--engine", "sim"],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "> kill mysqld db1" in done.stdout
    assert "# Summary" in done.stdout


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["learn", "no-such"], "no lesson 'no-such'"),
        (["learn", "no-such.md"], "there is no file no-such.md"),
        (["learn", "--watch"], "there is nothing to watch"),
        (["learn", "/"], "there are no lessons in /"),
        (["lessons", "no-such-folder"], "there is no folder no-such-folder"),
        (["verify", "/"], "there are no lessons in /"),
        (["verify", "no-such"], "no lesson 'no-such'"),
        (["verify", "--jobs", "0"], "--jobs 0 is not a possible number of labs"),
        (["lessons", "--reset", "small"], "there is no progress in 'small'"),
        (["lessons", "--import", "no-such.json"], "there is no file no-such.json"),
        (["lessons", "--export", "/no/such/file"], "cannot write /no/such/file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_a_sentence(argv: list[str], message: str, folder: Path, hatlab: CommandLine) -> None:
    assert message in hatlab(*argv, code=2).err


def test_a_lesson_with_mistakes_is_said_with_its_place(folder: Path, hatlab: CommandLine) -> None:
    err = hatlab("learn", folder / "03-bad.md", "--plain", "--engine", "sim", code=2).err
    assert "03-bad.md:32:33: " in err


# -- an instructor's folder ---------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two lessons beside the shipped ones, the second in two languages, and a page that is no lesson."""
    found = tmp_path / "course"
    found.mkdir()
    (found / "README.md").write_text("# How to begin\n")
    (found / "first.md").write_text(SOUND.replace("id: small", "id: first\norder: 1"))
    second = SOUND.replace("id: small", "id: second\norder: 2")
    (found / "second.md").write_text(second)
    (found / "second.de.md").write_text(second.replace("title: Small", "title: Klein\nlanguage: de"))
    return found


def test_lessons_of_a_folder_are_listed(
    course: Path, monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine
) -> None:
    out = hatlab("lessons", course, "--language", "de").out
    assert " 2   5 min  second                      Klein" in out
    assert "one-server" not in out
    assert f"hatlab learn {course}\n" in out
    monkeypatch.setenv("HATLAB_LESSONS", os.pathsep.join([str(course), str(course / "none")]))
    said = hatlab("lessons")
    own, shipped = "course\n   1   5 min  first", "\n\nhatlab\n   1   6 min  one-server"
    assert said.out.index(own) < said.out.index(shipped)
    assert f"there is no folder {course / 'none'} (HATLAB_LESSONS)" in said.err


def test_a_folder_s_next_lesson_is_taken(course: Path, state: Path, learn: Learn) -> None:
    state.parent.mkdir(parents=True)
    finished = {"first": {"finished": "2026-01-01"}}
    state.write_text(json.dumps({"format": "hatlab progress", "version": 1, "lessons": finished}))
    assert learn(course, "", "--language", "de").count("Klein") == 1


@pytest.mark.parametrize(
    ("file", "locale", "options", "klein"),
    [
        ("second.md", "C", ("--language", "de"), True),
        ("second.md", "de_DE.UTF-8", (), True),
        ("second.md", "de_DE.UTF-8", ("--language", "en"), False),
        ("second.md", "fr_FR.UTF-8", (), False),
        ("second.de.md", "C", ("--language", "en"), True),
    ],
)
def test_a_lesson_given_by_its_file_is_taken_in_the_learner_s_language(
    file: str,
    locale: str,
    options: tuple[str, ...],
    klein: bool,
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
    learn: Learn,
) -> None:
    """A file that is named by its language is meant as it is."""
    for key in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("LANG", locale)
    assert ("# Klein" in learn(course / file, "", *options)) is klein


def test_the_lesson_after_one_is_the_next_of_its_folder(course: Path) -> None:
    from hatlab.commands.support.lesson_options import open_library, open_progress_file
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.library.loader import read_lesson

    catalogue = Catalogue(open_library(course), open_progress_file())
    after = present(catalogue.next_after(read_lesson(course / "first.md")))
    assert after.file == course / "second.md"
    begun = present(catalogue.next_after(after.lesson))
    assert begun.file == course / "first.md", "after the last one, what is not finished"
    catalogue.progress_file.records["first"] = {"finished": "2026-01-01"}
    assert catalogue.next_after(after.lesson) is None


def test_a_folder_s_lessons_are_proved_in_every_language(course: Path, hatlab: CommandLine) -> None:
    assert "all 3 pass" in hatlab("verify", course, "--engine", "sim").out


# -- lessons ------------------------------------------------------------------------------------------------


def test_one_with_mistakes_hides_no_other(folder: Path, hatlab: CommandLine) -> None:
    said = hatlab("lessons")
    assert "small" in said.out
    assert "find-it" in said.out
    assert "10 minutes in all." in said.out
    assert "03-bad.md:32:33: unknown condition `ownr`" in said.err


def test_the_list_as_json(folder: Path, state: Path, hatlab: CommandLine) -> None:
    state.parent.mkdir(parents=True)
    own = {"step": 1, "steps": 2}
    state.write_text(json.dumps({"format": "hatlab progress", "version": 1, "lessons": {"small": own}}))
    small, find = map(json.loads, hatlab("lessons", "--json").out.splitlines())
    assert (small["id"], small["progress"], find["progress"]) == ("small", own, None)
    assert "▶  1   5 min  small" in hatlab("lessons").out


def test_progress_is_taken_along_and_begun_anew(
    folder: Path, state: Path, tmp_path: Path, hatlab: CommandLine
) -> None:
    state.parent.mkdir(parents=True)
    content = {"format": "hatlab progress", "version": 1, "lessons": {"small": {"step": 1}, "other": {}}}
    state.write_text(json.dumps(content))
    file = tmp_path / "mine.json"
    hatlab("lessons", "--export", file)
    assert json.loads(file.read_text()) == content
    hatlab("lessons", "--reset", "small")
    assert json.loads(state.read_text())["lessons"] == {"other": {}}
    hatlab("lessons", "--reset", "all")
    assert json.loads(state.read_text())["lessons"] == {}
    assert "2 lessons imported" in hatlab("lessons", "--import", file).out
    assert json.loads(state.read_text()) == content


def test_a_class_is_summed_up(tmp_path: Path, hatlab: CommandLine) -> None:
    def learner(name: str, **lessons: dict[str, object]) -> str:
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"format": "hatlab progress", "version": 1, "lessons": lessons}))
        return str(file)

    right = {"said": 3.6, "was": 3.6, "right": True, "tries": 1}
    wrong = {"said": 9, "was": 3.6, "right": False, "tries": 1}
    late = {"said": "db1", "was": "db1", "right": True, "tries": 2}
    task = {"done": 3.0, "skipped": False, "hints": ["a", "b"]}
    anna = learner("anna", timers={"finished": "2026", "answers": {"outage": wrong, "who": late}})
    ben = learner("ben", timers={"answers": {"outage": wrong}, "tasks": {"kill": task}}, other={})
    eve = learner(
        "eve", timers={"finished": "2026", "answers": {"outage": right}, "tasks": 7}, odd={"answers": []}
    )
    lines = [line.split() for line in hatlab("lessons", "--class", ben, anna, eve).out.splitlines()]
    assert lines[1] == ["eve", "1", "1", "1", "of", "1", "0", "0"]
    assert lines[2] == ["anna", "1", "0", "0", "of", "2", "0", "0"]
    assert lines[3] == ["ben", "0", "2", "0", "of", "1", "0", "2"]
    wrong_ones = lines[lines.index(["Most", "often", "wrong:"]) + 1 :]
    assert wrong_ones[:2] == [["2", "of", "3", "timers,", "outage:", "9"], ["1", "of", "1", "timers,", "who"]]
    data = json.loads(hatlab("lessons", "--class", ben, anna, eve, "--json").out)
    missed = {"lesson": "timers", "question": "outage", "wrong": 2, "asked": 3, "said": "9"}
    assert data["missed"][0] == missed
    (tmp_path / "note.json").write_text("{}")
    assert "is not a progress file" in hatlab("lessons", "--class", tmp_path / "note.json", code=2).err


# -- verify -------------------------------------------------------------------------------------------------


def test_lessons_that_pass(folder: Path, hatlab: CommandLine) -> None:
    (folder / "03-bad.md").unlink()
    out = hatlab("verify", "--engine", "sim").out
    assert out.count("✔") == 3
    assert "find-it (two)" in out
    assert "all 3 pass" in out


def test_one_that_cannot_be_read_fails_and_the_others_are_verified(folder: Path, hatlab: CommandLine) -> None:
    data = json.loads(hatlab("verify", "--engine", "sim", "--json", code=1).out)
    assert data["ok"] is False
    assert {r["lesson"]: r["ok"] for r in data["results"]} == {"bad": False, "small": True, "find-it": True}
    (bad,) = (r for r in data["results"] if not r["ok"])
    assert "03-bad.md:32:33: unknown condition `ownr`" in bad["faults"][0]


def test_a_translation_is_told_from_its_original(folder: Path, hatlab: CommandLine) -> None:
    (folder / "01-small.de.md").write_text(SOUND.replace("minutes: 5", "minutes: 5\nlanguage: de"))
    (folder / "03-bad.de.md").write_bytes((folder / "03-bad.md").read_bytes())
    files = [str(folder / f"{name}.md") for name in ("01-small", "01-small.de", "03-bad.de")]
    data = json.loads(hatlab("verify", *files, "--engine", "sim", "--json", code=1).out)
    told = [(r["lesson"], r["language"], r["file"], r["engine"]) for r in data["results"]]
    small = [("small", "en", files[0], "sim"), ("small", "de", files[1], "sim")]
    assert sorted(told) == sorted([*small, ("bad", "de", files[2], "none")])
    out = hatlab("verify", *files, "--engine", "sim", code=1).out
    lines = [line.split()[:4] for line in out.splitlines()]
    assert ["✔", "small", "en", "sim"] in lines
    assert ["✔", "small", "de", "sim"] in lines
    assert ["✖", "bad", "de", "none"] in lines


def test_one_that_does_not_pass(folder: Path, hatlab: CommandLine) -> None:
    file = folder / "01-small.md"
    file.write_text(SOUND.replace("solution: kill mysqld db1", "solution: kill mysqld db2\nwithin: 3"))
    out = hatlab("verify", file, "--engine", "sim", code=1).out
    assert "✖ small" in out
    assert "step 1, kill: its solution does not pass in 3 s; not true: process mysqld db1 down" in out
    assert "1 of 1 fail" in out


def test_no_lessons_at_all(folder: Path, hatlab: CommandLine) -> None:
    for file in folder.iterdir():
        file.unlink()
    assert "there are no lessons" in hatlab("verify", "--engine", "sim", code=2).err


def test_start_with_a_lesson_is_learn_with_all_its_options(
    monkeypatch: pytest.MonkeyPatch, hatlab: CommandLine
) -> None:
    from hatlab.commands import learn

    asked: list[dict[str, Any]] = []

    def note(args: Namespace) -> int:
        asked.append(vars(args))
        return 0

    monkeypatch.setattr(learn, "run", note)
    hatlab("learn", "small", "--engine", "sim", "--seed", 3)
    hatlab("start", "--lesson", "small", "--engine", "sim", "--seed", 3)
    own, through_start = asked
    assert {name: through_start.get(name, "missing") for name in own} == own
