"""What can be done to a lab."""

from hatlab.actions.action import Action
from hatlab.actions.choosing import choices, wordy
from hatlab.actions.names import Names
from hatlab.actions.parsing import from_words, parse, resolve
from hatlab.actions.verbs import SERVICES, SETTINGS, VERBS, Place, Verb

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
