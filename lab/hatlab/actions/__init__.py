"""What can be done to a lab."""

from hatlab.actions.action import Action
from hatlab.actions.names import LabNames
from hatlab.actions.parsing import parse, parse_words, resolve_address
from hatlab.actions.possible import free_text_actions, possible_actions
from hatlab.actions.verbs import SERVICES, SETTINGS, VERBS, ArgKind, Verb

__all__ = [
    "SERVICES",
    "SETTINGS",
    "VERBS",
    "Action",
    "ArgKind",
    "LabNames",
    "Verb",
    "free_text_actions",
    "parse",
    "parse_words",
    "possible_actions",
    "resolve_address",
]
