"""Actions: everything that can be done to a lab. `verbs` defines them once; all else reads that table.

verbs           each verb: its arguments, title, help, example, and the verb that undoes it
action          a verb with its arguments
parsing         an action from words, checked against the names of a lab
names           the names that a lab has, and why an action makes no sense there
next_words      what may follow the first words of an action
possible        every action that a lab offers, for menus and the palette
timed_script    a file of timed actions
"""

from hatlab.actions.action import Action
from hatlab.actions.names import LabNames, PlainNames, names_to_data
from hatlab.actions.next_words import next_parameter, next_words
from hatlab.actions.parsing import parse, parse_words, resolve_address
from hatlab.actions.possible import free_text_actions, possible_actions
from hatlab.actions.verbs import SERVICES, SETTINGS, VERBS, ArgKind, Parameter, Verb

__all__ = [
    "SERVICES",
    "SETTINGS",
    "VERBS",
    "Action",
    "ArgKind",
    "LabNames",
    "Parameter",
    "PlainNames",
    "Verb",
    "free_text_actions",
    "names_to_data",
    "next_parameter",
    "next_words",
    "parse",
    "parse_words",
    "possible_actions",
    "resolve_address",
]
