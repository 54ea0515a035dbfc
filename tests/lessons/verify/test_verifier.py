"""The proof of a lesson: a sound one passes, and each way of being bad is found and named."""

from __future__ import annotations

import pytest

from hatlab.commands.support.verify_on_simulator import simulated_session
from hatlab.errors import ActionFailed
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.library.loader import lesson_files
from hatlab.lessons.model import Lesson
from hatlab.lessons.verify.result import LessonResult, TaskResult, merge_results
from hatlab.lessons.verify.unmeasured import unmeasured_captures
from hatlab.lessons.verify.verifier import verify_lesson
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON, VARIANTS
from tests.support.what_if_texts import ASKS_FIRST

SOUND = LESSON.replace("owner db2]", "owner db2, outage]")
HEAD = LESSON[: LESSON.index("## Kill it")]


def proved(text: str, seed: int | None = None) -> LessonResult:
    found = make_lesson(text, seed)
    return verify_lesson(simulated_session(found), found)


def faults(text: str, seed: int | None = None) -> list[str]:
    result = proved(text, seed)
    return [*result.problems, *(f"{task.id}: {fault}" for task in result.tasks for fault in task.problems)]


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


def test_a_sound_lesson_passes() -> None:
    result = proved(SOUND)
    assert (result.ok, result.problems) == (True, ())
    kill, mend = result.tasks
    assert (kill.refused, mend.refused) == (1, 0)
    assert kill.seconds is not None
    assert 2 < kill.seconds < 5
    data = result.to_data()
    assert (data["ok"], data["engine"], [task["step"] for task in data["tasks"]]) == (True, "sim", [1, 2])


def test_a_result_has_the_measured_truths() -> None:
    outage, owner = proved(SOUND).to_data()["truths"]
    assert (outage["id"], outage["near"]) == ("cut-off", 0.5)
    assert 2 < outage["truth"] < 5
    assert owner == {"id": "who", "truth": "db2", "near": 0.0}
    unknown = changed("owner db2, outage]", "owner db2]")
    assert proved(unknown).to_data()["truths"][0] == {"id": "cut-off", "truth": None, "near": 0.5}


@pytest.mark.parametrize("seed", [0, 1])
def test_each_variant_passes(seed: int) -> None:
    result = proved(VARIANTS, seed)
    assert result.ok
    assert result.variant == ["one", "two"][seed]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "when: [process mysqld db1 down, owner db2, outage]",
            "when: elapsed 4",
            "kill: passes without doing anything",
        ),
        (
            "when: [process mysqld db1 down, owner db2, outage]",
            "when: [owner db2, outage]",
            "kill: a wrong answer passes: stop keepalived db1 (which should not, because mysqld lives)",
        ),
        (
            "solution: kill mysqld db1",
            "solution: kill mysqld db2\nwithin: 5",
            "kill: its solution does not pass in 5 s; not true: process mysqld db1 down; "
            "not true: owner db2; not true: outage",
        ),
        (
            "solution: kill mysqld db1",
            "solution: start mysqld db1",
            "kill: its solution fails: mysqld runs already on db1: pid 31 running",
        ),
        (
            "owner db2, outage]",
            "owner db2]",
            "prediction cut-off: its truth was not measured by the end of the task",
        ),
        (
            "unit: s\ntruth: outage\nnear: 0.5",
            "choices: [{text: a, when: owners 2}, {text: b, when: owners 0}]",
            "prediction cut-off: none of its answers was right by the end of the task",
        ),
        (
            "owner db2, outage]",
            "answered db2, {not: outage}]\nwithin: 6",
            "kill: its solution does not pass in 6 s; true: outage",
        ),
        (
            "solution: kill mysqld db1",
            "solution: [kill mysqld db1, {wait: went keepalived db1 up}]",
            "kill: its solution fails: waited 60 s without success for went keepalived db1 up",
        ),
    ],
)
def test_a_lesson_that_does_not_prove_has_a_problem(old: str, new: str, message: str) -> None:
    assert message in faults(changed(old, new))


@pytest.mark.parametrize(
    "asked", ["```yaml predict\nid: p\nask: Who?\nchoices: [db1, db2]\ntruth: owner\n```\n\n", ""]
)
def test_a_task_that_holds_from_its_beginning_is_not_lost(asked: str) -> None:
    """It ticks with the answer before it, be that a prediction or the question that stands there anyway."""
    text = changed("when: {held: 1, when: healthy}", "when: owner db2")
    text = text.replace("```yaml task\nid: mend", f"{asked}```yaml task\nid: mend")
    result = proved(text)
    assert [(task.step, task.id, task.problems) for task in result.tasks] == [
        (0, "kill", ()),
        (1, "mend", ("passes without doing anything",)),
    ]


def test_a_task_that_passes_together_with_the_one_before_it_is_not_lost() -> None:
    more = "```yaml task\nid: more\ndo: Look.\nwhen: process mysqld db1 down\nsolution: cut lan\n```\n\n"
    text = changed("It took", more + "It took")
    assert "more: passes without doing anything" in faults(text)
    assert [task.id for task in proved(text).tasks] == ["kill", "more", "mend"]


def test_tasks_that_are_passed_over_are_problems() -> None:
    text = changed("until: owner db1", "until: owners 3\nseconds: 1")
    assert [(task.id, task.seconds) for task in proved(text).tasks] == [("kill", None), ("mend", None)]


@pytest.mark.parametrize("when", ["owner db1", "went mysqld db1 down", "{ever: owners 0}"])
def test_a_wrong_turn_that_the_solution_takes_is_a_problem(when: str) -> None:
    """Be it true from the beginning, at the solution, or only for a moment."""
    text = changed(
        "solution: kill mysqld db1", f"fail: {{when: {when}, say: Not so!}}\nsolution: kill mysqld db1"
    )
    assert faults(text) == ["kill: its `fail` “Not so!” appears at the solution"]


def test_a_wrong_turn_that_only_wrong_solutions_take_is_fine() -> None:
    fail = "fail: {when: went keepalived db1 down, say: Not so!}\n"
    assert faults(changed("solution: kill mysqld db1", f"{fail}solution: kill mysqld db1")) == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("takeover db1", "takeover db1"),
        (
            "{from: process mysqld db1 down, to: [owner db1, outage]}",
            "from process mysqld db1 down to owner db1 and outage",
        ),
    ],
)
def test_a_capture_that_is_not_measured_is_a_problem(written: str, told: str) -> None:
    text = changed(
        "capture: {outage: outage client}", f"capture: {{outage: outage client, never: {written}}}"
    )
    wait = "It is taken when `when` holds first, so `when` must wait for it"
    assert faults(text) == [f"kill: its capture `never` was not measured: {told}. {wait}"]


def test_what_would_have_waited_for_an_outage_is_named() -> None:
    lesson = make_lesson(changed("{outage: outage client}", "{outage: outage client, tries: failed}"))
    (_, task), *_ = lesson.tasks()
    told = [problem.partition("must wait for it: ")[2] for problem in unmeasured_captures(task, {})]
    assert told == ["add `outage client`", "add `outage`"]


def test_a_sum_with_a_word_in_it_is_a_problem() -> None:
    text = changed(
        "capture: {outage: outage client}", "capture: {outage: outage client, o: owner, p: priority db2}"
    )
    text = text.replace("It took {outage} s", "Sums: {outage + 3}, {p + 3 * o:1}, {o}")
    assert faults(text) == ["{p + 3 * o} cannot be calculated: o is a word, db2"]


def test_a_wrong_solution_is_watched_until_it_could_have_passed() -> None:
    """mysqld stopped in order is dead, too: its check finds that out seconds after the solution was done."""
    text = changed("when: [process mysqld db1 down, owner db2, outage]", "when: [owner db2, outage]")
    text = text.replace("solution: kill mysqld db1", "solution: stop keepalived db1")
    text = text.replace("do: stop keepalived db1", "do: stop mysqld db1")
    assert any("a wrong answer passes: stop mysqld db1" in fault for fault in faults(text))


def test_the_results_of_several_labs_are_merged() -> None:
    first = LessonResult("a", "", "docker", 1.0, (TaskResult(0, "t", 3.0), TaskResult(0, "u", 1.0)))
    more = [
        LessonResult(
            "a", "", "docker", 1.0, (TaskResult(0, "t", 3.0, 1, ("passes",)), TaskResult(0, "u", 1.0))
        ),
        LessonResult(
            "a", "", "docker", 1.0, (TaskResult(0, "t", 3.0, 2), TaskResult(0, "u", 1.0, 1)), ("broken",)
        ),
    ]
    whole = merge_results(first, more)
    assert [(t.id, t.refused, t.problems) for t in whole.tasks] == [("t", 3, ("passes",)), ("u", 1, ())]
    assert whole.problems == ("broken",)
    assert not whole.ok


def test_a_truth_that_is_none_of_the_choices_is_a_problem() -> None:
    text = changed("unit: s\ntruth: outage\nnear: 0.5", "choices: [db1, nobody]\ntruth: owner")
    assert "prediction cut-off: the truth, db2, is not one of the answers" in faults(text)


def test_a_question_whose_answer_is_refused_or_not_measured_is_a_problem() -> None:
    text = changed("choices: [db1, db2, nobody]\ntruth: owner", "choices: [db1, nobody]\ntruth: owner")
    assert "question who: the truth, db2, is not one of the answers" in faults(text)
    text = changed("choices: [db1, db2, nobody]\ntruth: owner", "near: 1\ntruth: field db2 ttl")
    assert proved(text).ok
    text = changed(
        "choices: [db1, db2, nobody]\ntruth: owner", "near: 1\ntruth: value db2 accounts 99 balance"
    )
    assert "question who: its answer cannot be measured" in faults(text)


def test_two_answers_that_are_both_right_are_a_problem() -> None:
    choices = "choices: [db1, db2, nobody]\ntruth: owner"
    text = changed(choices, "choices: ['100', '100.2', '150']\nnear: 0.5\ntruth: priority db2")
    assert faults(text) == ["question who: more than one answer is right: 100, 100.2"]
    both = "choices: [{text: a, when: owner db2}, {text: b, when: owners 1}, c]"
    assert faults(changed(choices, both)) == ["question who: more than one answer is right: a, b"]
    text = changed("unit: s\ntruth: outage\nnear: 0.5", both)
    assert faults(text) == ["prediction cut-off: more than one answer is right: a, b"]


def test_an_end_that_is_not_reached_is_a_problem() -> None:
    """The lab does not come into its second step's beginning."""
    text = changed("## Look\n", "## Look\n\n```yaml lab\nbegin: []\nuntil: owners 3\nseconds: 2\n```\n")
    (told,) = faults(text)
    assert told.startswith("step 2: after 2 s the lab is still not ready for this step: not true: owners 3")


def test_a_step_that_can_be_passed_only_in_one_go_is_a_problem() -> None:
    """Straight through db1 is dead already; its own beginning is a healthy lab and cannot be passed."""
    text = changed("## Look\n", "## Look\n\n```yaml lab\nbegin: []\n```\n")
    found = faults(text)
    assert any(fault.startswith("mend: ") for fault in found), found


def test_a_step_that_cannot_be_restored_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ActionFailed("it does not come about")

    monkeypatch.setattr("hatlab.lessons.verify.verifier.checkpoints.restore", refuse)
    assert faults(SOUND) == ["step 2 cannot be set up: it does not come about"]


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_a_shipped_lesson_passes(path: object) -> None:
    first = load_lesson(str(path), 0)
    forms: list[Lesson] = [first, *(load_lesson(str(path), k) for k in range(1, len(first.front.variants)))]
    for form in forms:
        result = verify_lesson(simulated_session(form), form)
        assert (result.problems, [task for task in result.tasks if task.problems]) == ((), [])


def test_a_sound_what_if_passes() -> None:
    assert faults(ASKS_FIRST) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("measure: takeover db2", "measure: priority db2", "the change makes no difference (100)"),
        ("then: power off db1", "then: start mysqld db1", "cannot be played: mysqld runs already"),
        ("then: power off db1", "then: kill mysqld db2\nwithin: 3", "cannot be played: 3 s after the story"),
    ],
)
def test_a_what_if_that_shows_nothing_has_a_problem(old: str, new: str, message: str) -> None:
    (fault,) = faults(ASKS_FIRST.replace(old, new))
    assert fault.startswith("what-if slower")
    assert message in fault
