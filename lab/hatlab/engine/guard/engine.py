"""The engine that every reader sees instead of an extension's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from hatlab.actions import Action
from hatlab.engine.base import Emit, IsHeld, OnLine
from hatlab.engine.guard.answers import are_texts, ask, is_number, is_text, require
from hatlab.engine.guard.threads import leave_threads, watch_threads
from hatlab.errors import ActionFailed, EngineError, LabError
from hatlab.events import Event, Lab, Phase
from hatlab.registry import Extension, describe_error


class GuardedEngine:
    """What every engine has.

    Args:
        engine: an extension's, not started yet.
        extension: whose it is.
    """

    def __init__(self, engine: Any, extension: Extension) -> None:
        self._engine = engine
        self._extension = extension
        self._emit: Emit | None = None
        self._failure: EngineError | None = None
        self._failed_at = 0.0
        self._last: dict[str, Any] = {}
        """What was told last, by name: it stands once the engine is asked no more."""
        self._told_until = 0.0
        """The moment of the last event, s."""
        self._is_lab = self._is_ready = False

    def start(self, emit: Emit) -> None:
        self._emit = emit
        watch_threads(self)
        try:
            ask(self._extension, "start", lambda: self._engine.start(self._hand_on))
            if self._failure is not None:
                raise self._failure
            if not (self._is_lab and self._is_ready):
                text = f"{self._extension.title} returned from `start`, but its lab is not ready"
                raise EngineError(text, self._extension.update_hint)
        except LabError:
            with suppress(LabError):
                self.stop()
            raise

    def now(self) -> float:
        now: float = self._look("now", lambda: self._engine.now(), is_number, "a number of seconds", 0.0)
        if self._failure is None:
            return now
        return max(now, self._told_until) + time.monotonic() - self._failed_at  # nobody waits for ever

    def act(self, action: Action) -> str:
        effect: str = self._do("act", lambda: self._engine.act(action), is_text, "a sentence")
        return effect

    def check(self, node: str, text: str) -> list[str]:
        return list(self._do("check", lambda: self._engine.check(node, text), are_texts, "a list of texts"))

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:
        def open_shell() -> object:
            return self._engine.shell(node, on_line, is_held)

        code: int = self._do("shell", open_shell, is_number, "an exit code")
        return code

    def stop(self) -> None:
        leave_threads(self)
        ask(self._extension, "stop", lambda: self._engine.stop())

    def fail(self, error: LabError) -> None:
        """End the lab, and say why; once."""
        if self._failure is not None:
            return
        self._failure, self._failed_at = EngineError(error.message, error.hint), time.monotonic()
        if self._emit is not None:
            at, why = max(self._last.get("now", 0.0), self._told_until), self._failure.in_one_line
            with suppress(Exception):  # what it told before may be in the way
                self._emit([Phase(at=at, name="stopping", done=False, detail=why)])

    def is_in(self, frame: FrameType) -> bool:
        """Return True if the extension's code runs in a frame, or what its engine inherits."""
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        ours = self._extension.entry.module.partition(".")[0]
        return package == ours or frame.f_locals.get("self") is self._engine

    def fail_in_thread(self, error: BaseException) -> None:
        """End the lab because an error has ended a thread of the engine's."""
        text = f"{self._extension.title} failed in a thread: {describe_error(error)}"
        self.fail(EngineError(text, self._extension.update_hint))

    def _do(self, name: str, do: Callable[[], Any], fits: Callable[[Any], bool], wanted: str) -> Any:
        """Return the answer of what is done once.

        Raises:
            ActionFailed: it failed; something may have been done all the same.
        """
        try:
            if self._failure is not None:
                raise self._failure
            return self._ask(name, do, fits, wanted)
        except ActionFailed:
            raise
        except LabError as error:
            raise ActionFailed(error.message, error.hint, definite=False) from error

    def _look(
        self, name: str, look: Callable[[], Any], fits: Callable[[Any], bool], wanted: str, at_first: Any
    ) -> Any:
        """Return the answer to what is asked all the time: the last one, once the engine has failed."""
        if self._failure is None:
            try:
                self._last[name] = self._ask(name, look, fits, wanted)
            except LabError as error:
                self.fail(error)
        return self._last.get(name, at_first)

    def _ask(self, name: str, question: Callable[[], Any], fits: Callable[[Any], bool], wanted: str) -> Any:
        given = ask(self._extension, name, question)
        require(self._extension, name, given, fits(given), wanted)
        return given

    def _hand_on(self, events: Sequence[Event]) -> None:
        """Hand on what the engine tells; the lab has ended if that is no events."""
        emit = self._emit
        if emit is None or self._failure is not None:
            return
        try:
            facts = ask(self._extension, "emit", lambda: list(events))
            for fact in facts:
                is_event = isinstance(fact, Event)
                require(self._extension, "emit", fact, is_event, "events")
                require(self._extension, "emit", fact.at, is_number(fact.at), "a moment in seconds")
                self._is_lab = self._is_lab or isinstance(fact, Lab)
                self._is_ready = self._is_ready or (
                    isinstance(fact, Phase) and fact.name == "ready" and fact.done
                )
                self._told_until = fact.at
            ask(self._extension, "emit", lambda: emit(facts))
        except LabError as error:
            self.fail(error)
