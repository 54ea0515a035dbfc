"""Proves a drill on a lab: it shows, what is offered can be told apart, an expert's looks show what they say,
and the cure repairs it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hatlab.drills.lesson import REPAIR
from hatlab.drills.model import Cause, Drill, Look, Sign
from hatlab.drills.reading import LabReader, RunLine
from hatlab.errors import LabError
from hatlab.lessons.compile import CompiledLesson, compile_lesson
from hatlab.lessons.conditions.compiler import find_unmet
from hatlab.lessons.conditions.trace import Observation, Trace
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.templates import lab_values
from hatlab.session import Session

LATER, TRIES = 2.0, 6
"""Seconds after which a sign that was not seen is looked for again, and how often: what flaps shows now and
then, and a real lab is not always in step."""
IDLE = 8.0
"""Seconds for which a simulated lab is left alone, and for which a harm is watched, without getting well."""


@dataclass(frozen=True, slots=True)
class DrillResult:
    """One drill that was verified on one engine."""

    seed: int
    level: int
    topology: str
    causes: tuple[str, ...]
    """The ids of what is wrong."""
    engine: str
    problems: tuple[str, ...]
    seconds: float
    """Real time that it took."""

    @property
    def ok(self) -> bool:
        """True if nothing is wrong with it."""
        return not self.problems

    def to_data(self) -> dict[str, Any]:
        """Return the result as `hatlab verify --json` prints it."""
        return {
            "drill": self.seed,
            "level": self.level,
            "topology": self.topology,
            "causes": list(self.causes),
            "engine": self.engine,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "faults": list(self.problems),
        }


def verify_drill(drill: Drill, session: Session, run_line: RunLine) -> DrillResult:
    """Verify a drill on a session that runs.

    Args:
        drill: what to verify.
        session: ready, of the drill's topology; it is left as the cure leaves it.
        run_line: how a command is run on one of its nodes.
    """
    began = time.monotonic()
    try:
        problems = tuple(dict.fromkeys(_DrillVerifier(drill, session, run_line).find_problems()))
    except LabError as error:
        problems = (f"{error.message}. {error.hint}".rstrip(" ."),)
    ids = tuple(cause.id for cause in drill.causes)
    seconds = time.monotonic() - began
    return DrillResult(drill.seed, drill.level, drill.topology, ids, session.engine.name, problems, seconds)


class _DrillVerifier:
    def __init__(self, drill: Drill, session: Session, run_line: RunLine) -> None:
        layout = session.state.layout
        assert layout is not None, "the session runs"
        self._drill, self._session = drill, session
        self._values = lab_values(layout)
        self._compiled: CompiledLesson = compile_lesson(drill.lesson, layout)
        self._player = ActionPlayer(session, fast=True)
        self._reader = LabReader(session, run_line)
        self._texts: dict[str, str] = {}

    def find_problems(self) -> Iterator[str]:
        """Break the lab, look at it, and repair it."""
        checkpoints.prepare(self._session, self._compiled, 0)
        yield from self._find_bad_signs()
        if self._session.time is not None:
            start = self._session.engine.now()
            self._player.wait(checkpoints.APART)
            yield from self._find_what_heals(start)
            self._go_back(start)
        yield from self._find_failing_cure()

    # -- what can be seen

    def _find_bad_signs(self) -> Iterator[str]:
        for _ in range(TRIES):
            missing = [sign for cause in self._drill.causes for sign in cause.signs if not self._sees(sign)]
            if not missing:
                break
            self._player.wait(LATER)
            self._texts.clear()
        for sign in missing:
            yield f"`{sign.place}` does not show this: {sign.shows} But: {self._read(sign)[-300:]!r}"
        for choice in self._drill.choices:
            if choice not in self._drill.causes and all(map(self._sees, choice.signs)):
                yield f"nothing that can be seen rules this out: {choice.name}"
        choices = {choice.name: choice for choice in self._drill.choices}
        for look in self._drill.expert:
            for name in look.rules_out:
                if not self._rules_out(look, choices[name]):
                    yield f"`{look.place}` ({look.shows}) does not rule this out: {name}"

    def _rules_out(self, look: Look, choice: Cause) -> bool:
        """True if a cause would show something at a look's place that is not to be seen there."""
        return any(sign.place == look.place and not self._sees(sign) for sign in choice.signs)

    def _sees(self, sign: Sign) -> bool:
        return sign.is_seen_in(self._read(sign), self._values)

    def _read(self, sign: Sign) -> str:
        key = f"{sign.place}"
        if key not in self._texts:
            self._texts[key] = self._reader.read(sign.place, self._values)
        return self._texts[key]

    # -- what repairs it

    def _find_what_heals(self, start: float) -> Iterator[str]:
        """Doing nothing must not repair it, and neither must what somebody in a hurry does."""
        if self._heals(IDLE):
            yield "it gets well by itself"
        task = self._compiled.tasks[REPAIR]
        for written, steps in zip(task.task.wrong, task.wrong, strict=True):
            self._go_back(start)
            try:
                self._player.play(steps)
            except LabError as error:
                yield f"what someone does in a hurry cannot be done: {error.message}"
                continue
            if self._heals(IDLE):
                yield f"what someone does in a hurry fixes it: {written.do} (but {written.because})"

    def _find_failing_cure(self) -> Iterator[str]:
        task = self._compiled.tasks[REPAIR]
        self._player.play(task.solution)
        if not self._heals(task.task.within):
            seen = Observation(self._session.state, Trace(self._session.state.at))
            yield f"the cure does not fix it: {'; '.join(find_unmet(task.when, seen))}"

    def _go_back(self, moment: float) -> None:
        self._session.seek(moment)
        self._player.wait(checkpoints.APART)

    def _heals(self, seconds: float) -> bool:
        """True if the repair is found done in so many seconds from now."""
        return self._player.wait_for(self._compiled.tasks[REPAIR].when, seconds)
