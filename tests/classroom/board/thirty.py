"""A class of thirty that reports: for tests, and to be looked at."""

from __future__ import annotations

import random
from typing import Any

from hatlab.classroom.roster import Student
from tests.classroom.board.running_board import RunningBoard, lesson

NAMES = """
    Ada Lovelace, Grace Hopper, 王小明, Edsger Dijkstra, Barbara Liskov, Leslie Lamport, Radia Perlman,
    Tony Hoare, Margaret Hamilton, Niklaus Wirth, Katherine Johnson, Donald Knuth, Frances Allen,
    Ken Thompson, Hedy Lamarr, Dennis Ritchie, Adele Goldberg, Alan Kay, Sophie Wilson, John Backus,
    Jean Bartik, Robin Milner, Karen Jones, Jim Gray, Mary Shaw, Michael Stonebraker, Shafi Goldwasser,
    Christopher Strachey-Featherstonehaugh, Nancy Lynch, Peter Naur
"""
QUESTIONS = {
    "cut-off": {"ask": "For how many seconds is the client cut off?", "choices": [], "unit": "s"},
    "owner": {"ask": "Who holds the address afterwards?", "choices": ["db1", "db2", "both", "nobody"]},
}


def class_of_thirty() -> list[Student]:
    return [Student(f"s{number:02}", name.strip()) for number, name in enumerate(NAMES.split(","), 1)]


def report_thirty(board: RunningBoard) -> None:
    """Let thirty report: most are fine, some are stuck, one is done, one left, two have not come."""
    draw = random.Random(7)
    tasks = [
        "Kill mysqld on db1.",
        "Cut the heartbeat, and watch both nodes.",
        "Find who answers the client now.",
    ]
    for number, student in enumerate(board.students[:28]):
        step = draw.randint(1, 3)
        seconds, owner = draw.choice([0.5, 1, 2, 3, 3, 4, 6, 10, 30]), draw.choice(["db1", "db2"])
        answers = {"cut-off": f"{seconds}", "owner": owner}
        more: dict[str, Any] = {"predictions": answers if step > 1 else {}, "questions": QUESTIONS}
        if number in {4, 11, 20}:
            more |= {"since": 500.0, "wrong": 3, "hints": 2, "lab": "split", "glyph": "⚠"}
        elif number in {7, 15}:
            more |= {"since": 260.0, "lab": "none", "glyph": "✖"}
        elif number == 9:
            more |= {"finished": True, "kind": "end"}
        else:
            more |= {"since": draw.uniform(3, 70), "wrong": draw.randint(0, 1), "hints": draw.randint(0, 1)}
        told = lesson(step=step, task=tasks[step - 1], item=f"task-{step}", **more)
        board.report(student.name, told, last_key=board.clock() - draw.uniform(1, 50))
