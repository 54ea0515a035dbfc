"""Messages from widgets and threads to the app. Each reads as a sentence: an action was requested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from hatlab.actions import Action
from hatlab.diagnostics.finding import Finding
from hatlab.errors import LabError

if TYPE_CHECKING:
    from hatlab.lessons.compile import CompiledLesson
    from hatlab.lessons.model import WhatIfItem
    from hatlab.lessons.play.progress import Futures


@dataclass
class ActionRequested(Message):
    """Somebody wants something done to the lab."""

    actions: tuple[Action, ...]
    """To be done one after the other."""


@dataclass
class ActionStarted(Message):
    """An action is being carried out."""

    action: Action


@dataclass
class ActionFinished(Message):
    """An action ended: with its effect, or with an error."""

    action: Action
    effect: str = ""
    error: LabError | None = None


@dataclass
class NodeOpened(Message):
    """A node was clicked: its menu is wanted."""

    node: str


@dataclass
class NodeSelected(Message):
    """A node has the focus: keys act on it."""

    node: str


class WhyListOpened(Message):
    """The list of all explanations is wanted."""


@dataclass
class PaneChosen(Message):
    """A tab was clicked."""

    pane: str


@dataclass
class LabStopped(Message):
    """The session has stopped and everything it made is gone; or stopping failed."""

    error: LabError | None = None


@dataclass
class ConfDiagnosed(Message):
    """hatlab has read a configuration text."""

    text: str
    findings: list[Finding]


@dataclass
class ConfChecked(Message):
    """A node's keepalived has checked a configuration text."""

    findings: list[str] | None
    """Its complaints; None if it could not be asked."""
    error: LabError | None = None
    """Why it could not be asked."""
    diagnosis: tuple[Finding, ...] = ()
    """What hatlab finds in the same text."""


@dataclass
class MomentReached(Message):
    """Time was set, or could not be."""

    notice: str = ""
    """The notice to show, if any."""
    error: LabError | None = None


@dataclass
class MomentPointedAt(Message):
    """A moment of a recording was clicked."""

    at: float
    """Seconds since the lab began."""


@dataclass
class IntroductionRead(Message):
    """The learner has read a lesson's introduction: the lab is to be shown."""

    pane: str = ""
    """The pane that the learner asked for, if any."""


NUMBER_CHARACTERS = "0123456789.,+-"
"""What a number is written with."""


@dataclass
class TypedAhead(Message):
    """A character of a number was typed before the question was there that asks for it."""

    character: str


class LiveRequested(Message):
    """What is now is to be shown, not a past moment."""


@dataclass
class FuturesPlayed(Message):
    """Both futures of a what-if were played, or could not be."""

    item: WhatIfItem
    futures: Futures | None
    error: LabError | None = None


@dataclass
class CheckpointReady(Message):
    """The lab is as a step begins, or could not be made so."""

    lesson: CompiledLesson
    step: int
    entered: bool
    """True if the learner came here from the step before it."""
    error: LabError | None = None
