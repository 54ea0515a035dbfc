"""Doing things to the lab, without ever holding up the screen."""

from __future__ import annotations

from collections.abc import Iterable

from textual.message import Message
from textual.message_pump import MessagePump

from hatlab.actions import Action
from hatlab.errors import LabError
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.tui.background import run_in_background
from hatlab.tui.messages import ActionFinished, ActionStarted


def perform_in_background(receiver: MessagePump, session: Session, actions: Iterable[Action]) -> None:
    """Carries out actions one after the other; posts an `ActionStarted` and an `ActionFinished` for each."""
    todo = list(actions)

    def work() -> Message:
        last: Message = Message()
        for k, action in enumerate(todo):
            receiver.post_message(ActionStarted(action))
            last = _perform(session, action)
            if k + 1 < len(todo):
                receiver.post_message(last)
        return last

    if todo:
        run_in_background(receiver, work)


def _perform(session: Session, action: Action) -> ActionFinished:
    try:
        return ActionFinished(action, effect=session.act(action))
    except LabError as error:
        return ActionFinished(action, error=error)
    except Exception as error:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
        return ActionFinished(action, error=LabError(f"{action} failed: {error}"))


def default_target(state: LabState, chosen: str | None) -> str:
    """The node that keys act on: the chosen one, else an owner of a virtual address, else the first."""
    if chosen in state.nodes and chosen is not None:
        return chosen
    for _, address, _ in state.vips():
        owners = sorted(state.owners(address))
        if owners:
            return owners[0]
    masters = [
        n.name for n in state.nodes.values() if any(i.reported == "MASTER" for i in n.instances.values())
    ]
    return (masters or list(state.nodes) or [""])[0]
