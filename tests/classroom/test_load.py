"""The short form of `python -m tests.classroom.load`: two learners click at once, and work for a moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.classroom.load import run_class
from tests.classroom.running_class import new_course, running


@pytest.mark.timeout(240)
def test_learners_who_click_at_once_all_get_in_and_see_what_they_ask_for(tmp_path: Path, parts: None) -> None:
    course = new_course(tmp_path, 2)
    with running(course) as links:
        students = [link for name, link in links.items() if name != "teacher"]
        figures = asyncio.run(run_class(course, students, minute=0.5, work=3.0))
    assert not figures.failures
    assert len(figures.first_screens) == 2
    assert figures.keys
