"""What widgets and threads tell the app. Each reads as a sentence: an action was requested, it finished."""

from __future__ import annotations

from textual.message import Message

from hatlab.actions import Action
from hatlab.diagnostics.finding import Finding
from hatlab.errors import LabError


class ActionRequested(Message):
    """Somebody wants these done, one after the other."""

    def __init__(self, *actions: Action) -> None:
        super().__init__()
        self.actions = actions


class ActionStarted(Message):
    """An action is being carried out."""

    def __init__(self, action: Action) -> None:
        super().__init__()
        self.action = action


class ActionFinished(Message):
    """An action ended: with its effect, or with an error."""

    def __init__(self, action: Action, effect: str = "", error: LabError | None = None) -> None:
        super().__init__()
        self.action = action
        self.effect = effect
        self.error = error


class NodeOpened(Message):
    """A node was clicked: its menu is wanted."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self.node = node


class NodeSelected(Message):
    """A node has the focus: keys act on it."""

    def __init__(self, node: str) -> None:
        super().__init__()
        self.node = node


class WhyListOpened(Message):
    """The list of all explanations is wanted."""


class PaneChosen(Message):
    """A tab was clicked."""

    def __init__(self, pane: str) -> None:
        super().__init__()
        self.pane = pane


class LabStopped(Message):
    """The session has stopped, everything it made is gone; or stopping failed."""

    def __init__(self, error: LabError | None = None) -> None:
        super().__init__()
        self.error = error


class ConfDiagnosed(Message):
    """hatlab has read a configuration text."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        super().__init__()
        self.text = text
        self.findings = findings


class ConfChecked(Message):
    """What a node's keepalived says of a text: nothing if it is fine, None if it could not be asked."""

    def __init__(self, findings: list[str] | None, error: LabError | None = None) -> None:
        super().__init__()
        self.findings = findings
        self.error = error


class MomentReached(Message):
    """Time was set, or could not be. `told` is what to say of it."""

    def __init__(self, told: str = "", error: LabError | None = None) -> None:
        super().__init__()
        self.told = told
        self.error = error


class MomentPointedAt(Message):
    """A moment of a recording was clicked, seconds since the lab began."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at


class KeyForwarded(Message):
    """A key was pressed on the lab's screen, and a dialog has opened over it before the key was handled."""

    def __init__(self, key: str, character: str | None) -> None:
        super().__init__()
        self.key = key
        self.character = character


class CheckpointReady(Message):
    """The lab is as a step begins, or could not be made so. `entered`: on the way from the step before it."""

    def __init__(self, step: int, entered: bool, error: LabError | None = None) -> None:
        super().__init__()
        self.step = step
        self.entered = entered
        self.error = error
