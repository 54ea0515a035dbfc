"""How long lessons keep a learner, or an author, waiting."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from hatlab.actions import parse
from hatlab.commands.support.verify_on_simulator import simulated_session
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.lessons.compile import compile_lesson
from hatlab.lessons.library.catalogue import load_lesson
from hatlab.lessons.library.loader import lesson_files
from hatlab.lessons.model import Lesson
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.verify.verifier import verify_lesson
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology.library import find_topology, load_topology
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON

FRAME = 0.1
"""Seconds between two looks of the app."""
CUT_OFF = "one-server"
"""A lesson whose first step begins with a fault."""
HEAD = LESSON[: LESSON.index("## Kill it")]


def shipped() -> list[Lesson]:
    return [load_lesson(str(path), 0) for path in lesson_files()]


def begun(tries: int = 3) -> list[float]:
    """Seconds from the command to the first step of a lesson as text."""
    found = []
    for _ in range(tries):
        began = time.monotonic()
        learn = [sys.executable, "-m", "hatlab.cli", "learn", CUT_OFF]
        words = [*learn, "--plain", "--restart", "--engine", "sim"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert any(line.startswith("## Step 1") for line in running.stdout)
            found.append(time.monotonic() - began)
            running.kill()
    return found


def restored() -> list[float]:
    """Seconds to put a simulated lab, at its usual pace, into each step of each lesson."""
    found = []
    for each in shipped():
        session = Session(
            SimulatorEngine(find_topology(each.front.topology).stem, load_topology(each.front.topology))
        )
        session.start()
        assert session.state.layout is not None
        ready = compile_lesson(each, session.state.layout)
        for step in range(len(each.steps)):
            began = time.monotonic()
            checkpoints.restore(session, ready, step)
            found.append(time.monotonic() - began)
        session.stop()
    return found


def really_restored(tries: int = 3) -> list[float]:
    """The same on Docker, for a step that begins with a fault, after another fault."""
    session = Session(DockerEngine("two-node", load_topology("two-node")))
    found = []
    try:
        session.start()
        assert session.state.layout is not None
        ready = compile_lesson(load_lesson(CUT_OFF), session.state.layout)
        for _ in range(tries):
            session.act(parse("kill keepalived db1"))
            began = time.monotonic()
            checkpoints.restore(session, ready, 0)
            found.append(time.monotonic() - began)
    finally:
        session.stop()
    return found


def ticked(tries: int = 10) -> list[float]:
    """Seconds from mysqld's death in the lab's state to the tick of its task, looking as the app does."""
    small = make_lesson(
        HEAD + "## Kill it\n\n```yaml task\nid: kill\ndo: Kill it.\nwhen: process mysqld db1 down\n"
        "hints: k\nsolution: kill mysqld db1\n```\n"
    )
    found = []
    for _ in range(tries):
        session, runner = Session(SimulatorEngine("two-node", load_topology("two-node"))), LessonRunner(small)
        session.start()
        reader = session.reader()
        runner.feed(reader.drain())
        runner.begin()
        killed: list[float] = []

        def kill(session: Session = session, killed: list[float] = killed) -> None:
            session.act(parse("kill mysqld db1"))
            assert session.wait_for(_dead, 5)
            killed.append(time.monotonic())

        threading.Timer(random.uniform(0, FRAME), kill).start()
        while runner.progress.finished_at is None:
            time.sleep(FRAME)
            runner.feed(reader.drain())
        found.append(time.monotonic() - killed[0])
        session.stop()
    return found


def _dead(state: LabState) -> bool:
    return state.nodes["db1"].service("mysqld").state == "down"


def proved() -> float:
    """Seconds to verify all lessons on the simulator."""
    began = time.monotonic()
    for each in shipped():
        assert verify_lesson(simulated_session(each), each).ok, each.id
    return time.monotonic() - began


def rows() -> Iterator[str]:
    """Markdown table rows."""
    yield f"| a lesson's first step, from the command, simulator | {_told(begun())} |"
    yield f"| a step's beginning restored, simulator, every step of every lesson | {_told(restored())} |"
    yield f"| … Docker, to one with a fault | {_told(really_restored())} |"
    yield f"| a condition holds → its task ticks | {_told(ticked())} |"
    yield f"| `hatlab verify --engine sim`, {len(shipped())} lessons | {proved():.1f} s |"


def _told(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
