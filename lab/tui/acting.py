"""Doing things to the lab, without ever holding up the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.message import Message
from textual.message_pump import MessagePump

from lab.actions import VERBS, Action
from lab.errors import LabError
from lab.session import Session
from lab.state import LabState, faults
from lab.tui.background import in_background
from lab.tui.messages import ActionFinished, ActionStarted


def carry_out(receiver: MessagePump, session: Session, actions: Iterable[Action]) -> None:
    """Carries out actions one after the other; posts an `ActionStarted` and an `ActionFinished` for each."""
    todo = list(actions)

    def work() -> Message:
        last: Message = Message()
        for k, action in enumerate(todo):
            receiver.post_message(ActionStarted(action))
            last = _one(session, action)
            if k + 1 < len(todo):
                receiver.post_message(last)
        return last

    if todo:
        in_background(receiver, work)


def _one(session: Session, action: Action) -> ActionFinished:
    try:
        return ActionFinished(action, effect=session.act(action))
    except LabError as error:
        return ActionFinished(action, error=error)
    except Exception as error:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
        return ActionFinished(action, error=LabError(f"{action} failed: {error}"))


def cures(state: LabState, *, own: bool = False) -> list[Action]:
    """What mends every fault, each action once; `own`: only faults that were made by an action told of."""
    found = list(dict.fromkeys(action for _, action in faults(state)))
    made = set(_undone(state)) if own else set(found)
    return [action for action in found if action in made]


def latest_cure(state: LabState, *, own: bool = False) -> Action | None:
    """What mends the fault that was made last; the last one listed if nobody knows when."""
    found = cures(state, own=own)
    return next((undo for undo in _undone(state) if undo in found), found[-1] if found else None)


def _undone(state: LabState) -> Iterator[Action]:
    """What takes back each action, the latest first."""
    for event in reversed(state.actions):
        undo = Action(event.name, event.targets).undo if event.name in VERBS else None
        if undo is not None:
            yield undo


def natural_target(state: LabState, chosen: str | None) -> str:
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
