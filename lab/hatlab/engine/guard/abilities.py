"""What an engine may have beside what every engine has, guarded."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.engine.base import Rewind
from hatlab.engine.guard.answers import ask, is_anything, is_number, is_text, require
from hatlab.engine.guard.engine import GuardedEngine
from hatlab.errors import ActionFailed, LabError
from hatlab.topology import Layout


class _RunsLines(GuardedEngine):
    def run_line(self, node: str, line: str) -> str:
        output: str = self._do("run_line", lambda: self._engine.run_line(node, line), is_text, "a text")
        return output


class _AsksEngine(GuardedEngine):
    @property
    def waiting(self) -> str:
        text: str = self._look("waiting", lambda: self._engine.waiting, is_text, "a sentence", "")
        return text

    def give_up(self) -> bool:
        return bool(self._look("give_up", lambda: self._engine.give_up(), is_anything, "", False))


class _NumberedAhead(GuardedEngine):
    @property
    def layout_before_start(self) -> Layout:
        name = "layout_before_start"
        layout: Layout = ask(self._extension, name, lambda: self._engine.layout_before_start)
        require(self._extension, name, layout, isinstance(layout, Layout), "a Layout")
        return layout


class _TimeControl(GuardedEngine):
    @property
    def speed(self) -> float:
        speed: float = self._look("speed", lambda: self._engine.speed, is_number, "a number", 0.0)
        return speed

    @speed.setter
    def speed(self, speed: float) -> None:
        def set_speed() -> None:
            self._engine.speed = speed

        self._order("speed", set_speed)

    def pause(self) -> None:
        self._order("pause", lambda: self._engine.pause())

    def resume(self) -> None:
        self._order("resume", lambda: self._engine.resume())

    def step(self) -> None:
        self._do("step", lambda: self._engine.step(), is_anything, "")

    def seek(self, at: float, rewind: Rewind) -> None:
        self._do("seek", lambda: self._engine.seek(at, rewind), is_anything, "")

    def _order(self, name: str, order: Callable[[], object]) -> None:
        """Have the clock do something; a lab whose clock cannot has ended.

        Raises:
            ActionFailed: the engine's own, which says why it does not.
        """
        try:
            ask(self._extension, name, order)
        except ActionFailed:
            raise
        except LabError as error:
            self.fail(error)


class _Replayable(_TimeControl):
    @property
    def ends(self) -> float:
        moment: float = self._look("ends", lambda: self._engine.ends, is_number, "a number of seconds", 0.0)
        return moment

    def next_moment(self, what: str) -> float:
        def next_moment() -> object:
            return self._engine.next_moment(what)

        moment: float = self._do("next_moment", next_moment, is_number, "a number of seconds")
        return moment


ABILITIES: tuple[type[GuardedEngine], ...] = (
    _Replayable,
    _TimeControl,
    _RunsLines,
    _AsksEngine,
    _NumberedAhead,
)
"""One for each kind of engine in `hatlab.engine.base`; the more of one kind first."""


def members(ability: type[GuardedEngine]) -> list[str]:
    """Return the names of what an engine has that has an ability."""
    return [name for name in dir(ability) if not name.startswith("_") and not hasattr(GuardedEngine, name)]
