"""How a learner's drills went, kept beside their progress: bests, and how sure they are of each fault.

Kinds of fault stand in Leitner boxes. A cause that is named at once moves its kind up a box; one that is
missed moves it back to the first. The higher the box, the longer until the kind is due again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, TypeVar

from hatlab.errors import UserError
from hatlab.util.kept_file import KeptFile, read_json
from hatlab.util.visible import to_json as format_json

if TYPE_CHECKING:
    from hatlab.lessons.model import Lesson
    from hatlab.lessons.play.drill_runner import DrillResult

FORMAT = "hatlab drills"
VERSION = 1
DAYS = (0, 1, 3, 7, 14, 30)
"""Days until a kind of fault is due again, by its box."""
_DAY = 86_400.0
R = TypeVar("R", "DrillRecord", "FaultRecord")


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """How one drill went so far."""

    title: str = ""
    level: int = 1
    tries: int = 0
    solved: int = 0
    """How often it was solved."""
    best: int = 0
    """The most points."""
    seconds: float = 0.0
    """The time of that, s; 0 before it was solved."""
    last: float = 0.0
    """When it was played last, s since 1970."""


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """How a learner does with one kind of fault."""

    tries: int = 0
    missed: int = 0
    """How often its cause was not named at once."""
    box: int = 0
    """Its Leitner box, an index into `DAYS`."""
    last: float = 0.0
    """When it was met last, s since 1970."""

    @property
    def due(self) -> float:
        """When it should be met again, s since 1970."""
        return self.last + DAYS[self.box] * _DAY


class DrillFile(KeptFile):
    """A learner's drills.

    Args:
        path: where they are kept; made when the first is over.
        warn: called with what to say when the file cannot be used as it is, or written.
        clock: s since 1970.
    """

    CONTENT = "your drill record"

    def __init__(
        self, path: Path, warn: Callable[[str], None] = lambda _: None, clock: Callable[[], float] = time
    ) -> None:
        self.drills: dict[str, DrillRecord] = {}
        """By the drill's id."""
        self.faults: dict[str, FaultRecord] = {}
        """By the kind of fault, in the plural."""
        self._clock = clock
        super().__init__(path, warn)

    def save(self, lesson: Lesson, result: DrillResult) -> None:
        """Add how a drill went."""
        self._update(lambda: self._add(lesson, result))

    def _add(self, lesson: Lesson, result: DrillResult) -> None:
        from hatlab.lessons.play.score import score  # when a drill is over

        now, points = round(self._clock(), 1), score(result)
        old = self.drills.get(lesson.id, DrillRecord())
        is_better = result.solved and (not old.solved or points > old.best)
        self.drills[lesson.id] = DrillRecord(
            title=lesson.front.title,
            level=lesson.front.level,
            tries=old.tries + 1,
            solved=old.solved + result.solved,
            best=points if is_better else old.best,
            seconds=round(result.seconds, 1) if is_better else old.seconds,
            last=now,
        )
        for number, fault in enumerate(lesson.front.fault):
            known = self.faults.get(fault, FaultRecord())
            is_missed = result.missed
            if len(lesson.front.fault) > 1:  # of two, a wrong name counts for the one that was found after it
                is_missed = number in result.missed_causes
            box = 0 if is_missed else min(known.box + 1, len(DAYS) - 1)
            self.faults[fault] = FaultRecord(known.tries + 1, known.missed + is_missed, box, now)

    def next_fault(self, faults: Iterable[str]) -> str | None:
        """Return the kind of fault to practise next, of those there are; None without any.

        Due ones come first, least sure ones of them; then those never met; then the one due soonest. The kind
        met last is not met twice in a row unless there is no other.
        """
        known = list(dict.fromkeys(faults))
        met_last = max(self.faults, key=lambda name: self.faults[name].last, default=None)
        others = [name for name in known if name != met_last] or known
        now = self._clock()

        def urgency(name: str) -> tuple[int, float, float]:
            record = self.faults.get(name)
            if record is None:
                return 1, 0.0, 0.0
            return (0, record.box, record.last) if record.due <= now else (2, record.due, 0.0)

        return min(others, key=urgency, default=None)

    def level_reached(self) -> int:
        """Return the level to play at: the next one after three drills of a level were solved."""
        solved = dict.fromkeys((1, 2, 3), 0)
        for record in self.drills.values():
            solved[record.level] = solved.get(record.level, 0) + (record.solved > 0)
        return 1 if solved[1] < 3 else 2 if solved[2] < 3 else 3

    def reset(self, drill: str | None = None) -> None:
        """Forget one drill, or all of them and how sure the learner is of each kind of fault."""

        def forget() -> None:
            if drill is None:
                self.drills, self.faults = {}, {}
            else:
                self.drills.pop(drill, None)

        self._update(forget)

    def merge_from(self, path: Path) -> int:
        """Take over another such file: of each drill the better side, of each kind the one met last.

        Returns how many drills it had.

        Raises:
            UserError: it is no such file.
        """
        drills, faults = read_drill_file(path)

        def merge() -> None:
            for name, record in drills.items():
                own = self.drills.get(name)
                if own is None or (record.best, record.tries) > (own.best, own.tries):
                    self.drills[name] = record
            for name, fault in faults.items():
                if fault.last > self.faults.get(name, FaultRecord()).last:
                    self.faults[name] = fault

        self._update(merge)
        return len(drills)

    def to_json(self) -> str:
        drills = {name: asdict(record) for name, record in self.drills.items()}
        faults = {name: asdict(record) for name, record in self.faults.items()}
        data = {"format": FORMAT, "version": VERSION, "drills": drills, "faults": faults}
        return format_json(data, indent=2) + "\n"

    def _read(self, path: Path) -> None:
        self.drills, self.faults = read_drill_file(path)


def read_drill_file(path: Path) -> tuple[dict[str, DrillRecord], dict[str, FaultRecord]]:
    """Return the drills and the kinds of fault in a file.

    Raises:
        UserError: it cannot be read, is damaged, or from another version of hatlab.
    """
    what = "file of drills"
    hint = "hatlab drill --export FILE writes one"
    data = read_json(path, what, mark=FORMAT, version=VERSION, hint=hint)
    drills, faults = data.get("drills"), data.get("faults")
    if not isinstance(drills, dict) or not isinstance(faults, dict):
        raise UserError(f"the {what} {path} is damaged", hint)
    known = {name: _read_record(FaultRecord, written) for name, written in faults.items()}
    return (
        {name: _read_record(DrillRecord, written) for name, written in drills.items()},
        {name: replace(fault, box=max(0, min(fault.box, len(DAYS) - 1))) for name, fault in known.items()},
    )


def _read_record(kind: type[R], written: Any) -> R:
    """Return a record of what a person may have changed: what does not fit is left out."""
    values: Mapping[str, Any] = written if isinstance(written, dict) else {}
    defaults = kind()
    fitting = {
        field.name: type(getattr(defaults, field.name))(values[field.name])
        for field in fields(defaults)
        if _fits(values.get(field.name), getattr(defaults, field.name))
    }
    return kind(**fitting)


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, str):
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < 1e11
