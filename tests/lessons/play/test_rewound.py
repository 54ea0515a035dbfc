"""A guide that is told a history again, because time was set back."""

from __future__ import annotations

from hatlab.lessons.format.file import examine
from hatlab.lessons.play.runner import Guide
from hatlab.topology.library import load_topology
from tests.support.lesson_texts import LESSON
from tests.support.simulated_lab import SimLab


def test_a_retold_advert_is_the_last_one() -> None:
    lesson = examine(LESSON.encode(), topology=load_topology).lesson
    assert lesson is not None
    lab, guide = SimLab(), Guide(lesson)
    ready = lab.now
    reader = lab.session.reader()
    guide.feed(reader.drain())
    guide.begin()
    lab.run(3)
    guide.feed(reader.drain())
    lab.session.seek(ready)
    lab.do("set db1 auth_pass tuesday7")
    lab.run(2)
    guide.feed(reader.drain())
    assert guide.begun.last["db1"].auth == "tuesday7"
