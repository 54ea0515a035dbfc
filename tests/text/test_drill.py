"""A drill as text: what is told, what is hidden, what is refused, and the report at the end."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.records.drill_file import DrillFile
from hatlab.session import Session
from hatlab.text.drill import InteractiveTextDrill
from hatlab.topology.library import load_topology
from tests.support.drill_texts import DRILL, TWO_CAUSES
from tests.support.lesson_lab import make_lesson


def output_of(typed: Iterable[str], text: str = DRILL, drill_file: DrillFile | None = None) -> str:
    """What a learner who types these lines reads, to the end."""
    out = io.StringIO()
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=20.0))
    session.start()
    try:
        drill = DrillRunner(make_lesson(text))
        assert InteractiveTextDrill(session, drill, out, typed, drill_file).run() == 0
    finally:
        session.stop()
    return out.getvalue()


def test_a_drill_played_to_the_end(tmp_path: Path) -> None:
    kept = DrillFile(tmp_path / "drills.json")
    typed = [
        "status",
        "why",
        "shell db1 ip -br addr",
        "db2# hostname",
        "shell db9 ls",
        "2",
        "1",
        "heal heartbeat",
        "wait until owner db1 for 6 s",
        "wait",
    ]
    read = output_of(typed, drill_file=kept)
    assert "The clock allows 5 minutes." in read
    assert "3. keepalived on db1 is frozen" in read
    assert "facts only: nothing is explained yet" in read
    assert "eth0" in read
    assert "\ndb2\n" in read
    assert "no node 'db9'" in read
    assert "No. A log would say so." in read
    assert "Right. One direction is broken." in read
    assert "Healthy. It has to stay healthy for 5 seconds." in read
    before, _, report = read.partition("# Solved in ")
    assert "split brain" not in before.casefold()
    assert "What was wrong:\ndb2 hears nothing\nOne direction is broken." in report
    assert "An expert needs 3 commands, in this order:\n1. status: Both servers hold 198.18." in report
    assert "2. log db2: db2 logs nothing" in report
    assert "3. Then heal heartbeat" in report
    assert "status · why · shell db1 ip -br addr · db2# hostname · heal heartbeat" in report
    assert "−10  1 wrong name" in report
    assert kept.drills["one-way"].solved == 1


def test_the_question_is_asked_again_only_when_enter_is_pressed() -> None:
    read = output_of(["shell db1 hostname", "stop keepalived db1", "start keepalived db1", "help", "give up"])
    assert read.count("Question: What is wrong?") == 1
    assert output_of(["stop keepalived db1", "", "give up"]).count("Question: What is wrong?") == 2


def test_one_of_two_causes_is_right_and_not_all() -> None:
    read = output_of(["mysqld on db2 is dead", "give up"], TWO_CAUSES)
    assert "\nRight: mysqld on db2 is dead. That is not all" in read
    assert "Step 1 of 1" not in read


def test_what_a_drill_does_not_have_is_refused_and_giving_up_shows_all() -> None:
    read = output_of(["hint", "reset", "time", "mend", "give up"])
    assert "A drill has no hints" in read
    assert "A drill has no reset" in read
    assert "of 5:00." in read
    assert "nothing is broken" in read
    assert "# Given up after 0:0" in read
    assert "An expert needs 3 commands" in read


def test_repaired_before_it_is_named() -> None:
    read = output_of(["heal heartbeat", "wait 15", "1"])
    assert read.index("Fixed and proved. Now name the cause") < read.index("# Solved in")


def test_the_end_of_the_time_is_told_and_ends_nothing() -> None:
    short = DRILL.replace("minutes: 5", "minutes: 1")
    read = output_of(["wait 62", "1", "heal heartbeat", "wait"], short)
    assert read.index("Your 1:00 are up. The drill continues") < read.index("# Solved in 1:")
    assert "The clock allowed 1:00." in read


def test_a_drill_begun_again() -> None:
    read = output_of(["1", "retry", "give up"])
    assert read.count("What is wrong?") == 2
    assert "# Given up" in read
