"""What can be done to a lab as it is: for menus and the palette."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hatlab.actions.action import Action
from hatlab.actions.names import Names, senseless
from hatlab.actions.verbs import SERVICES, VERBS, Parameter, Place


def choices(names: Names) -> Iterator[Action]:
    """Every action that needs no free text, on everything the lab has: for menus and the palette."""
    for verb in VERBS.values():
        for action in _expand(Action(verb.name), verb.parameters, names):
            if senseless(action, names) is None:
                yield action


def wordy(names: Names) -> Iterator[Action]:
    """The beginning, up to the node, of every action that needs free text."""
    for verb in VERBS.values():
        places = [p.place for p in verb.parameters]
        if not {Place.KEY, Place.STATEMENT} & set(places):
            continue
        where = names.node_names
        if places[0] is Place.WHERE:
            where = (*names.node_names, *names.client_names)
        for name in where:
            action = Action(verb.name, (name,))
            if senseless(action, names) is None:
                yield action


def _expand(action: Action, left: tuple[Parameter, ...], names: Names) -> Iterator[Action]:
    if not left:
        yield action
        return
    head, *rest = left
    if head.optional:
        yield action
    for value in _values(head.place, names):
        yield from _expand(replace(action, args=(*action.args, value)), tuple(rest), names)


def _values(place: Place, names: Names) -> tuple[str, ...]:
    match place:
        case Place.SERVICE:
            return SERVICES
        case Place.NODE:
            return names.node_names
        case Place.NETWORK:
            return names.network_names
        case Place.VIP:
            return names.vip_addresses
        case Place.PERCENT:
            return ("30", "60", "90")
        case Place.MILLISECONDS:
            return ("200",)
        case _:
            return ()
