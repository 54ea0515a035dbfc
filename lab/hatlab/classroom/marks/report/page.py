"""A page for a student: each lesson with every question and task, what was said, and what was so."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.classroom.marks.attempts import QuestionResult, TaskResult
from hatlab.classroom.marks.grade import LessonMark, StudentMarks
from hatlab.classroom.marks.report.data import format_wall
from hatlab.classroom.marks.report.words import format_number, format_points, format_time
from hatlab.classroom.marks.scoring import question_points, task_points
from hatlab.lessons.play.exam import Exam
from hatlab.lessons.templates import format_value
from hatlab.util.html_text import escape, fill_in
from hatlab.util.text import plural


def marks_page(student: StudentMarks) -> str:
    """Return the page, which needs nothing else and can be printed."""
    lessons = "\n".join(_lesson(mark) for mark in student.lessons) or "<p>Nothing was handed in.</p>"
    return fill_in(
        _PAGE,
        TITLE=escape(f"Marks of {student.shown_name}"),
        TOTAL=escape(format_points(student.points)),
        LESSONS=lessons,
        DOUBTS=_doubts(student),
    )


def _lesson(mark: LessonMark) -> str:
    attempt = mark.attempt
    facts = [
        f"{format_points(mark.points)} points",
        "finished" if attempt.finished else f"came to step {attempt.step} of {len(attempt.lesson.steps)}",
        f"{format_time(attempt.seconds)} on {format_wall(attempt.began)[:10]}",
        plural(attempt.hints, "{count} hint", "{count} hints"),
        plural(mark.attempts, "{count} attempt", "{count} attempts"),
        mark.signature,
    ]
    if mark.exam is not None:
        facts.insert(0, mark.exam.name)
    rows = [
        *(row for question in attempt.questions for row in _question(question, mark.exam)),
        *(row for task in attempt.tasks for row in _task(task)),
    ]
    head = "<tr><th>question or task</th><th>you</th><th>it was</th><th>points</th></tr>"
    return (
        f"<section><h2>{escape(attempt.lesson.front.title)}</h2><p>{escape(' · '.join(facts))}</p>"
        f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table></section>"
    )


def _question(question: QuestionResult, exam: Exam | None) -> Iterator[str]:
    said = "–" if question.said is None else format_value(question.said)
    if len(question.typed) > 1:
        said = f"{said} (after: {', '.join(question.typed[:-1])})"
    was = "–" if question.was is None else format_value(question.was)
    kind = "predicted" if question.is_prediction else "asked"
    points = format_number(question_points(question, exam))
    yield _row(f"{question.ask} ({kind})", said, was, points)


def _task(task: TaskResult) -> Iterator[str]:
    done = "not done"
    if task.seconds is not None:
        done = f"done in {task.seconds:.1f} s"
    elif task.skipped:
        done = "skipped"
    hints = plural(task.hints, ", {count} hint", ", {count} hints") if task.hints else ""
    seen = ", with the answer" if task.saw_answer else ""
    yield _row(task.do, f"{done}{hints}{seen}", "", format_number(task_points(task)))


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _doubts(student: StudentMarks) -> str:
    if not student.doubts:
        return ""
    items = "".join(
        f"<li>{escape(doubt.text)}<br><small>{escape(doubt.place)}</small></li>" for doubt in student.doubts
    )
    return f"<section><h2>What does not fit</h2><ul>{items}</ul></section>"


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>TITLE</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>
:root{color-scheme:light dark}
body{font:15px/1.5 sans-serif;margin:1.5rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.5rem} h2{font-size:1.15rem;margin:1.5rem 0 .2rem}
section{break-inside:avoid-page}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #8886}
td{overflow-wrap:anywhere}
th:last-child,td:last-child{text-align:right;padding-right:0}
</style>
<h1>TITLE</h1>
<p>TOTAL points in all.</p>
LESSONS
DOUBTS
</html>
"""
