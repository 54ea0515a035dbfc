"""Carries out an action on a running lab: by its engine or, for an extension's verb, by that one's code."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.actions import VERBS, Action, parse
from hatlab.engine.base import Engine, LineRunner
from hatlab.errors import ActionFailed, LabError
from hatlab.registry import Extension, describe_error
from hatlab.state.model import LabState
from hatlab.topology import Layout


class Lab:
    """A running lab, as an extension's action sees it.

    Args:
        engine: that runs it.
        read_state: returns what is true now.
    """

    def __init__(self, engine: Engine, read_state: Callable[[], LabState]) -> None:
        self._engine = engine
        self._read_state = read_state

    @property
    def state(self) -> LabState:
        """What is true now."""
        return self._read_state()

    @property
    def layout(self) -> Layout:
        """The names and addresses of this lab."""
        layout = self.state.layout
        assert layout is not None, "nothing is done to a lab that has not begun"
        return layout

    @property
    def now(self) -> float:
        """Seconds since the lab began, on its own clock."""
        return self._engine.now()

    def do(self, line: str) -> str:
        """Carry out one of hatlab's own actions, written as for `hatlab do`, and return its effect.

        Raises:
            ActionError: no such action, or it names nothing in this lab.
            ActionFailed: it was tried and failed.
        """
        action = parse(line, self.layout)
        if action.verb not in VERBS.own or action.verb == "end":
            raise ActionFailed(f"an action cannot be made of {action.verb!r}", "use one of hatlab's own")
        return self._engine.act(action)

    def run(self, node: str, line: str) -> str:
        """Run a line in a node's shell, as root; return what it prints, errors too.

        Raises:
            ActionFailed: the node is off, or this engine has no shell.
        """
        if node not in self.layout.node_names:
            raise ActionFailed(
                f"there is no node {node!r}", f"use one of: {', '.join(self.layout.node_names)}"
            )
        if not isinstance(self._engine, LineRunner):
            raise ActionFailed(f"the engine {self._engine.name} runs no lines in a node's shell")
        return self._engine.run_line(node, line)


def carry_out(action: Action, engine: Engine, read_state: Callable[[], LabState]) -> str:
    """Carry out an action (never `end`) and return its effect.

    Raises:
        ActionFailed: with whether it definitely did not happen.
    """
    verb = VERBS.get(action.verb)
    extension = VERBS.source(action.verb)
    if verb is None or verb.carry_out is None or extension is None:
        return engine.act(action)
    try:
        effect = verb.carry_out(Lab(engine, read_state), action)
    except ActionFailed:
        raise
    except LabError as error:
        raise ActionFailed(error.message, error.hint, definite=False) from error
    except Exception as error:
        raise _failed(extension, f"failed: {describe_error(error)}") from error
    if not isinstance(effect, str):
        raise _failed(extension, f"returned no sentence, but {type(effect).__name__}")
    return effect


def _failed(extension: Extension, what: str) -> ActionFailed:
    hint = f"look at the lab before you continue; {extension.update_hint}"
    return ActionFailed(f"{extension.title} {what}", hint, definite=False)
