"""Whatever an extension's engine raises, returns or tells, hatlab says whose it is: no traceback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from hatlab.actions import parse
from hatlab.engine import base
from hatlab.engine.guard.abilities import ABILITIES, members
from hatlab.engine.guard.engine import GuardedEngine
from hatlab.engine.makers import EngineRequest, make_engine
from hatlab.errors import ActionFailed, EngineError
from hatlab.session import Session
from hatlab.topology.library import load_topology
from tests.support.command_line import CommandLine
from tests.support.installed_extensions import find_in, install
from tests.support.waiting import wait_until

Broken = Callable[..., Session]

SOURCE = """\
import threading
from hatlab.extensions import EngineError, EngineMaker, SimulatorEngine
EXTENSION_API = 1

class Own(SimulatorEngine):
    name = "x"
    broken = False
    {body}

def make(request):
    return Own(request.name, request.topology, paced={paced})

X = EngineMaker("x", "broken", make)
"""
ANSWERS = {
    "1 / 0": "failed in `{name}`: ZeroDivisionError: division by zero",
    "raise_(SystemExit(3))": "failed in `{name}`: SystemExit: 3",
    "None": "gave nothing for `{name}`, not ",
    "[3]": "gave list for `{name}`, not ",
}


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    """Makes a lab of an engine with one odd method or property."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    numbers, sessions = count(), []

    def make(body: str, paced: bool = False) -> Session:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        source = SOURCE.format(body=body.replace("\n", "\n    "), paced=paced)
        install(folder, "broken-one", {"engine x": "X"}, source + RAISE, "0.3")
        find_in(folder, monkeypatch)
        session = Session(make_engine("x", EngineRequest("two-node", load_topology("two-node"))))
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.stop()


RAISE = "\ndef raise_(error): raise error\n"


def method(name: str, answer: str) -> str:
    """One that is as it should be until it is broken."""
    return f"def {name}(self, *words):\n    return ({answer}) if Own.broken else super().{name}(*words)\n"


def break_it(session: Session) -> None:
    """What is odd in an engine shows from now on."""
    type(session.engine._engine).broken = True  # type: ignore[attr-defined]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("act", lambda session: session.act(parse("kill mysqld db1"))),
        ("check", lambda session: session.engine.check("db1", "")),
        ("shell", lambda session: session.engine.shell("db1")),
        ("run_line", lambda session: session.engine.run_line("db1", "true")),
    ],
)
def test_what_is_asked_for_once_fails_in_one_sentence(
    name: str, ask: Callable[[Session], object], answer: str, broken: Broken
) -> None:
    session = broken(method(name, answer))
    session.start()
    break_it(session)
    if answer == "[3]" and name == "check":
        answer, said = "3", "gave list for `check`, not a list of texts"
    else:
        said = ANSWERS[answer].format(name=name)
    with pytest.raises(ActionFailed) as failed:
        ask(session)
    assert f"the engine 'x' of broken-one 0.3 {said}" in failed.value.message
    assert "pip uninstall broken-one" in failed.value.hint
    assert not failed.value.definite
    assert session.state.stopping is None


@pytest.mark.parametrize("answer", [*ANSWERS, "float('nan')", "'soon'", "True"])
def test_a_lab_whose_clock_fails_has_ended(answer: str, broken: Broken) -> None:
    session = broken(method("now", answer))
    session.start()
    before = session.engine.now()
    break_it(session)
    assert session.engine.now() >= before
    assert session.state.stopping is not None
    assert "the engine 'x' of broken-one 0.3 " in session.state.stopping
    assert "`now`" in session.state.stopping
    assert "pip uninstall broken-one" in session.state.stopping
    with pytest.raises(ActionFailed, match="`now`"):
        session.seek(30)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_lab_whose_pace_fails_has_ended(answer: str, broken: Broken) -> None:
    getter = f"def speed(self):\n    return ({answer}) if Own.broken else SimulatorEngine.speed.fget(self)\n"
    session = broken(f"{getter}speed = property(speed, SimulatorEngine.speed.fset)")
    session.start()
    break_it(session)
    assert session.time is not None
    assert session.time.speed in (0.0, 1.0)  # what it told last
    assert "`speed`" in (session.state.stopping or "")


def test_a_clock_that_cannot_be_paused_ends_the_lab_and_one_that_says_why_does_not(broken: Broken) -> None:
    session = broken(method("pause", "raise_(KeyError('no'))"))
    session.start()
    break_it(session)
    assert session.time is not None
    session.time.pause()
    assert "failed in `pause`: KeyError: 'no'" in (session.state.stopping or "")


@pytest.mark.parametrize("told", ["3", "[None]", "[3]", "[Own]", "(1 / 0 for _ in 'x')"])
def test_what_is_no_event_ends_the_lab(told: str, broken: Broken) -> None:
    session = broken(f"def tell(self):\n    self.emit({told})\n{KEPT}")
    session.start()
    session.engine._engine.tell()  # type: ignore[attr-defined]
    assert "the engine 'x' of broken-one 0.3" in (session.state.stopping or "")


KEPT = "def start(self, emit):\n    self.emit = emit\n    super().start(emit)\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def start(self, emit): pass", "returned from `start`, but its lab is not ready"),
        ("layout_before_start = property(lambda self: 1 / 0)", "failed in `layout_before_start`: Zero"),
        ("layout_before_start = 3", "gave int for `layout_before_start`, not a Layout"),
        ("live = 3", "gave int for `live`, not True or False"),
        ("live = property(lambda self: 1 / 0)", "failed in `live`: ZeroDivisionError"),
        ("def start(self, emit): raise EngineError(3)", "failed: EngineError(3)"),
    ],
)
def test_what_cannot_begin_is_no_lab(body: str, said: str, broken: Broken) -> None:
    with pytest.raises(EngineError) as failed:
        broken(body).start()
    assert f"the engine 'x' of broken-one 0.3 {said}" in failed.value.message
    assert "pip uninstall broken-one" in failed.value.hint


@pytest.mark.parametrize("own", ["1 / 0", "SimulatorEngine.start(None, None)", "self.now() + None"])
def test_an_error_that_ends_a_thread_of_its_own_ends_the_lab(own: str, broken: Broken) -> None:
    run = f"def run(self):\n    {own}\n"
    session = broken(f"{run}def tell(self):\n    threading.Thread(target=self.run).start()")
    hook = threading.excepthook
    session.start()
    session.engine._engine.tell()  # type: ignore[attr-defined]
    wait_until(lambda: session.state.stopping is not None, 20)
    assert "the engine 'x' of broken-one 0.3 failed in a thread: " in (session.state.stopping or "")
    session.stop()
    assert threading.excepthook is hook


def test_an_error_in_another_thread_is_not_the_engine_s(broken: Broken) -> None:
    heard: list[object] = []
    session = broken("pass")
    session.start()
    hook, threading.excepthook = threading.excepthook, heard.append
    try:
        thread = threading.Thread(target=lambda: [][1])
        thread.start()
        thread.join()
    finally:
        threading.excepthook = hook
    assert heard
    assert session.state.stopping is None


def test_a_command_ends_with_a_sentence(broken: Broken, capsys: pytest.CaptureFixture[str]) -> None:
    broken(f"def start(self, emit):\n    super().start(emit)\n    {FAIL_IN_THREAD}", paced=True)
    told = CommandLine(capsys)("start", "--engine", "x", "--headless", "--for", "9", code=1)
    assert "the engine 'x' of broken-one 0.3 failed in a thread: ZeroDivisionError" in told.err
    assert "Traceback" not in told.out + told.err


FAIL_IN_THREAD = "threading.Thread(target=lambda: 1 / 0).start()"


@pytest.mark.parametrize(
    ("kind", "ability"),
    zip(
        (base.Replayable, base.TimeControl, base.LineRunner, base.AsksEngine, base.NumberedAhead),
        ABILITIES,
        strict=True,
    ),
)
def test_a_guarded_engine_can_do_what_its_kind_can(kind: type, ability: type[GuardedEngine]) -> None:
    classes = kind.__mro__
    declared = {name for each in classes for name in (*vars(each), *vars(each).get("__annotations__", ()))}
    assert set(members(ability)) == {name for name in declared if not name.startswith("_")}
