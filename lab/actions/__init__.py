"""What can be done to a lab."""

from lab.actions.action import Action
from lab.actions.choosing import choices, wordy
from lab.actions.names import Names
from lab.actions.parsing import from_words, parse, resolve
from lab.actions.verbs import SERVICES, SETTINGS, VERBS, Place, Verb

__all__ = [
    "SERVICES",
    "SETTINGS",
    "VERBS",
    "Action",
    "Names",
    "Place",
    "Verb",
    "choices",
    "from_words",
    "parse",
    "resolve",
    "wordy",
]
