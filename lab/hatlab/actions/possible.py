"""Every action that a lab offers: for menus and the palette."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hatlab.actions.action import Action
from hatlab.actions.names import LabNames, why_not_applicable
from hatlab.actions.verbs import SERVICES, SETTINGS, VERBS, ArgKind, Parameter


def possible_actions(names: LabNames) -> Iterator[Action]:
    """Every action that needs no free text, on everything the lab has: for menus and the palette."""
    for verb in VERBS.values():
        for action in _fill_in(Action(verb.name), verb.parameters, names):
            if why_not_applicable(action, names) is None:
                yield action


def free_text_actions(names: LabNames) -> Iterator[Action]:
    """The beginning, up to the node, of every action that needs free text."""
    for verb in VERBS.values():
        places = [p.kind for p in verb.parameters]
        if not {ArgKind.KEY, ArgKind.STATEMENT} & set(places):
            continue
        for name in possible_values(places[0], names):
            action = Action(verb.name, (name,))
            if why_not_applicable(action, names) is None:
                yield action


def _fill_in(action: Action, left: tuple[Parameter, ...], names: LabNames) -> Iterator[Action]:
    if not left:
        yield action
        return
    head, *rest = left
    if head.optional:
        yield action
    for value in possible_values(head.kind, names):
        yield from _fill_in(replace(action, args=(*action.args, value)), tuple(rest), names)


def possible_values(place: ArgKind, names: LabNames) -> tuple[str, ...]:
    """What of a lab an argument may name; nothing where it is free text."""
    match place:
        case ArgKind.SERVICE:
            return SERVICES
        case ArgKind.NODE:
            return names.node_names
        case ArgKind.NETWORK:
            return names.network_names
        case ArgKind.WHERE:
            return (*names.node_names, *names.client_names)
        case ArgKind.KEY:
            return SETTINGS
        case ArgKind.VIP:
            return names.vip_addresses
        case ArgKind.PERCENT:
            return ("30", "60", "90")
        case ArgKind.MILLISECONDS:
            return ("200",)
        case _:
            return ()
