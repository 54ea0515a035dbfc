"""What may follow the first words of an action, as a shell offers it for completion."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from hatlab.actions.action import Action
from hatlab.actions.names import LabNames, why_not_applicable
from hatlab.actions.possible import possible_values
from hatlab.actions.verbs import VERBS, ArgKind, find_verb


def next_parameter(words: Sequence[str]) -> ArgKind | None:
    """Return what the word behind these names; None if nothing may follow, or the verb is not whole."""
    verb = find_verb(words)
    if verb is None:
        return None
    place = len(words) - len(verb.name.split())
    return next((parameter.kind for parameter in islice(verb.parameters, place, None)), None)


def next_words(words: Sequence[str], names: LabNames) -> dict[str, str]:
    """Return what may follow words of an action in a lab: each word, with what it does, or "".

    Args:
        words: those before it, as they were typed.
        names: of the lab; empty ones where none runs.
    """
    verb = find_verb(words)
    if verb is None:
        return _next_of_verbs(words)
    kind = next_parameter(words)
    if kind is None:
        return {}
    args = tuple(words[len(verb.name.split()) :])
    possible = possible_values(kind, names)
    if names.node_names:
        possible = tuple(
            v for v in possible if why_not_applicable(Action(verb.name, (*args, v)), names) is None
        )
    return dict.fromkeys(possible, "")


def _next_of_verbs(words: Sequence[str]) -> dict[str, str]:
    """Return the words of verbs that begin with these."""
    found: dict[str, str] = {}
    for verb in VERBS.values():
        name = verb.name.split()
        if len(name) > len(words) and name[: len(words)] == list(words):
            word = name[len(words)]
            found[word] = f"{found[word]}, or: {verb.general_title}" if word in found else verb.general_title
    return found
