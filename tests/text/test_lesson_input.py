"""A lesson as text, for a learner who types: what may be typed where, and what is answered."""

from __future__ import annotations

import io
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.play.futures import SIMULATED
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Session
from hatlab.teacher import TeacherLine
from hatlab.text.lesson_input import FREE, InteractiveTextLesson
from hatlab.topology.library import load_topology
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON
from tests.support.typed_lesson import SOUND, output_of
from tests.support.waiting import wait_until
from tests.support.what_if_texts import ASKS_FIRST

NUMBERS = LESSON.replace("choices: [db1, db2, nobody]\ntruth: owner", 'choices: ["0", "1", "10"]\nright: "1"')


# -- at a question


def test_who_is_asked_may_look_and_act_first() -> None:
    text = output_of(
        ['sql db1 "SELECT id, owner FROM accounts"', ": stop keepalived db2", "status", "soon", "3"]
    )
    assert "sql db1 SELECT id, owner FROM accounts done\n" in text
    assert "id | owner" in text
    assert "stop keepalived db2 done" in text
    assert "keepalived is down on db2   (start keepalived db2)" in text, "as it is typed here"
    assert "'soon' is not a number (type digits, such as 12.5)" in text
    assert text.count("Predict: For how many seconds") == 3, "after each action it is asked again"
    assert text.index("stop keepalived db2 done") < text.index("Locked: 3 s.")


def test_a_fault_that_is_to_be_found_is_not_named() -> None:
    hidden = SOUND.replace("until: owner db1", "begin: cut heartbeat db2\nuntil: owners 2\nhidden: true")
    text = output_of(["status", "stop keepalived db2", "status"], hidden)
    first, second = (part.split("\n\n")[0] for part in text.split("two-node on sim, ready")[1:])
    assert "drops 100 %" not in text
    assert "held by db1 and db2" in first
    assert "keepalived is down on db2   (start keepalived db2)" in second, "that was the learner"


def test_an_action_that_is_none_is_answered_as_one() -> None:
    assert "no service 'mysql'" in output_of(["kill mysql db1"])
    assert "'kil mysqld db1' is not a number" in output_of(["kil mysqld db1"])


def test_help_says_what_is_wanted() -> None:
    text = output_of(["help", "help actions", "3", "help"])
    assert "Type your prediction. You may look around and act first." in text
    assert "kill mysqld|keepalived NODE: The process ends at once" in text
    assert "NODE is one of: db1, db2" in text
    assert "There is a task to do. Type hint if you are stuck." in text


def test_numbers_to_choose_have_letters() -> None:
    text = output_of(["2", "1", "wait"], NUMBERS, step=1)
    assert "  a. 0\n  b. 1\n  c. 10\n" in text
    assert "'2' is not one of the answers (choose a to c)" in text
    assert "\nRight.\n" in text
    text = output_of(["c", "b"], NUMBERS, step=1)
    assert text.index("No. Look again.") < text.index("\nRight.\n")


def test_an_answer_is_told_to_be_right_or_not() -> None:
    why = SOUND.replace("truth: owner", 'truth: owner\nwhy: "{vip} is on its interface."')
    wrong = why.replace("[db1, db2, nobody]", "[db1, {text: db2, wrong: It is a Backup.}, nobody]")
    text = output_of(["db2", "db1"], wrong, step=1).replace("start mysqld db1", "")
    assert "No. It is a Backup." in text or "Right. 198.18.0.100 is on its interface." in text


def test_a_file_is_edited_without_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "db1.conf"

    def typed() -> Iterator[str]:
        yield f"conf db1 {file}"
        wait_until(file.exists, 20, "file")
        file.write_text(file.read_text().replace("priority 150", "priority 151"))
        yield f"edit db1 {file}"
        yield "reload db1"
        yield "conf db1"

    assert "priority 151" in output_of(typed())


def test_everything_is_mended() -> None:
    text = output_of(["kill mysqld db1", "kill mysqld db2", "mend all", "mend"])
    assert "> start mysqld db1\n> start mysqld db2\n" in text
    assert "nothing is broken" in text


# -- waiting


def test_waiting_says_for_what() -> None:
    done = ["wait", "3", "wait 2", "kill mysqld db1", "wait until owner db2 and answered db2 for 1 s", "wait"]
    text = output_of([*done, "wait", "wait soon", "wait until ownr db2", "wait until", "wait until {a"])
    assert "Type your prediction." in text
    assert "Waiting 2 s.\n\nTime is up.\n" in text
    assert "Waiting until owner db2 and answered db2 for 1 s (for 60 s at most)." in text
    assert (
        text.index("answered db2 for 1 s (")
        < text.index("That is true now.")
        < text.index("This step is done.")
    )
    assert "This step is done. Type next to continue." in text
    for message in (
        "cannot wait for 'soon'",
        "unknown condition ownr",
        "this condition is empty",
        "cannot read '{a'",
    ):
        assert message in text


def test_waiting_for_a_task_says_which() -> None:
    text = output_of(["3", "kill mysqld db1", "wait"])
    assert "Waiting for this: Kill mysqld on db1 (for 60 s at most).\n" in text
    assert "Done: Kill mysqld on db1." in text


def test_a_wait_in_vain_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hatlab.text.lesson_input.LONGEST_WAIT", 5.0)
    assert "it did not happen within 5 s (wait again, or type hint for help)" in output_of(
        ["wait until owner db2"]
    )


class Keyboard:
    """A terminal at which somebody types line by line."""

    def __init__(self) -> None:
        self.lines: queue.Queue[str | None] = queue.Queue()

    def isatty(self) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines.get, None)


@contextmanager
def learner(speed: float) -> Iterator[tuple[io.StringIO, Keyboard]]:
    """What a learner reads who types at a terminal, until the lesson ends."""
    out, keyboard = io.StringIO(), Keyboard()
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=speed))
    session.start()
    thread = Thread(
        target=InteractiveTextLesson(session, LessonRunner(make_lesson(SOUND)), out, keyboard).run,
        daemon=True,
    )
    try:
        thread.start()
        yield out, keyboard
        thread.join(20)
        assert not thread.is_alive()
    finally:
        session.stop()


def test_enter_ends_a_wait() -> None:
    with learner(1.0) as (out, keyboard):
        keyboard.lines.put("wait until owner db2")
        wait_until(lambda: "Press Enter to stop waiting." in out.getvalue(), 20, "wait")
        keyboard.lines.put("")
        wait_until(lambda: out.getvalue().count("Predict: ") == 2, 20, "question")
        assert "Stopped waiting." in out.getvalue()
        keyboard.lines.put(None)


def test_whoever_types_may_go_on_looking_after_the_end() -> None:
    with learner(20.0) as (out, keyboard):
        for line in ("skip", "skip", "next", "skip", "skip"):
            keyboard.lines.put(line)
        wait_until(lambda: out.getvalue().count(FREE) == 1, 20, "end")
        keyboard.lines.put("next")
        wait_until(lambda: out.getvalue().count(FREE) == 2, 20, "word")
        keyboard.lines.put("status")
        wait_until(lambda: "198.18.0.100 is held by db2" in out.getvalue(), 20, "answer")
        keyboard.lines.put("quit")


def test_the_answer_is_typed_line_by_line() -> None:
    text = output_of(["3", "hint", "hint", "kill mysqld db1", "wait", "next", "db2", "hint", "hint"])
    assert "The answer, line by line:\n\n  kill mysqld db1\n\n" in text
    assert "The answer, line by line:\n\n  start mysqld db1\n  wait until healthy\n\n" in text


def test_facts_only_hides_what_is_concluded_until_it_is_asked_for_again() -> None:
    split = ["facts", "3", "cut heartbeat", "wait 6", "status", "why"]
    read = output_of(split)
    assert "split brain" not in read.casefold()
    assert "is held by db1 and db2" in read
    assert "facts only: nothing is explained yet" in read
    read = output_of([*split, "facts", "status"])
    assert "split brain" in read.casefold()


# -- at a what-if


def test_an_empty_line_plays_both_futures() -> None:
    text = output_of(["help", "hint", "status", ""], ASKS_FIRST)
    assert text.count("Press Enter to see both futures.") == 3
    futures = (
        "As it is: 3.61 s\nChanged: 6.61 s\n\n"
        "With the change it is 6.61 s instead of 3.61 s: 3.00 s more.\n\n"
        "db2 waits 6.61 s instead of 3.61 s.\n\nPredict: For how many seconds"
    )
    assert futures in text
    assert SIMULATED not in text


def test_a_what_if_can_be_skipped() -> None:
    text = output_of(["skip"], ASKS_FIRST)
    assert "Predict: For how many seconds" in text
    assert "With the change" not in text


# -- a teacher


def test_what_a_teacher_says_is_read_and_what_is_typed_waits() -> None:
    session = Session(SimulatorEngine("two-node", load_topology("two-node"), speed=20.0))
    out, typed = io.StringIO(), queue.Queue[str]()
    lesson = InteractiveTextLesson(session, LessonRunner(make_lesson(SOUND)), out, iter(typed.get, "end"))
    session.start()
    taken = Thread(target=lesson.run, daemon=True)
    try:
        taken.start()
        wait_until(lambda: "Predict:" in out.getvalue(), 10)
        session.teacher.tell(TeacherLine("Look at db2", ""))
        wait_until(lambda: "Your teacher: Look at db2" in out.getvalue(), 10)
        session.teacher.freeze("the board")
        wait_until(lambda: "Your teacher: the board. What you type waits" in out.getvalue(), 10)
        typed.put("3")
        wait_until(lambda: lesson._lines.qsize() == 1, 10)
        now = session.engine.now()
        assert "Locked" not in out.getvalue()
        assert session.engine.now() == now, "the lab stands still"
        session.teacher.thaw()
        wait_until(lambda: "Locked: 3 s." in out.getvalue(), 10)
        assert out.getvalue().index("You can go on.") < out.getvalue().index("Locked: 3 s.")
        session.teacher.ask_restart()
        wait_until(lambda: "Your teacher has restarted this step" in out.getvalue(), 10)
        wait_until(lambda: out.getvalue().count("Predict:") == 2, 20)
        typed.put("end")
        taken.join(10)
    finally:
        session.stop()
