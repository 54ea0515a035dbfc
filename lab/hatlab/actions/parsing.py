"""Reads an action from words, and says what is wrong with them."""

from __future__ import annotations

import shlex
from contextlib import suppress
from difflib import get_close_matches

from hatlab.actions.action import Action
from hatlab.actions.names import LabNames, why_not_applicable
from hatlab.actions.verbs import SERVICES, SETTINGS, VERBS, ArgKind, Parameter, Verb, find_verb
from hatlab.errors import ActionError
from hatlab.util.addresses import short_address

_IMPLIED = {"reload": "keepalived"}
"""The service that a verb is about, where it may be said, too, as of its neighbours."""


def parse(line: str, names: LabNames | None = None) -> Action:
    """The action a line says: `kill mysqld db1`.

    Args:
        line: verb and arguments; quotes as in a shell.
        names: what the lab has; None checks the form only. With them `.100` or `::100` stands for the
            virtual address that ends so.

    Raises:
        ActionError: no such verb, an argument missing, too many, out of range, or unknown to the lab.
    """
    try:
        words = _split(line)
    except ValueError as error:
        raise ActionError(f"cannot read {line!r}: {error}", "close the quotes") from None
    return parse_words(words, names)


def _split(line: str) -> list[str]:
    """Cut a line into words as a shell does. A statement at its end needs no quotes around it.

    Raises:
        ValueError: a quote is not closed.
    """
    name, where, rest = [*line.split(maxsplit=2), "", "", ""][:3]
    if _takes_statement(find_verb([name, where])) and rest and rest[0] not in "\"'":
        with suppress(ValueError):
            if len(words := shlex.split(rest)) == 1:  # as in `SHOW\\ TABLES`
                rest = words[0]
        return [name, *shlex.split(where), rest.strip()]
    return shlex.split(line)


def _takes_statement(verb: Verb | None) -> bool:
    return verb is not None and bool(verb.parameters) and verb.parameters[-1].kind is ArgKind.STATEMENT


def parse_words(words: list[str], names: LabNames | None = None) -> Action:
    """`parse` for a line already cut into words."""
    if not words:
        raise ActionError("there is no action on this line", f"the actions are: {', '.join(VERBS)}")
    verb = find_verb(words)
    if verb is None:
        guess = get_close_matches(" ".join(words[:2]), VERBS, 1) or get_close_matches(words[0], VERBS, 1)
        raise ActionError(
            f"unknown action {words[0]!r}",
            f"did you mean {guess[0]!r}?" if guess else f"the actions are: {', '.join(VERBS)}",
        )
    args = words[len(verb.name.split()) :]
    if len(args) > 1 and args[0] == _IMPLIED.get(verb.name):
        del args[0]
    if _takes_statement(verb) and len(args) > (most := len(verb.parameters)):
        args[most - 1 :] = [" ".join(args[most - 1 :])]
    args = [resolve_address(word, names) for word in args] if names else args
    needed = sum(not p.optional for p in verb.parameters)
    if not needed <= len(args) <= len(verb.parameters):
        wrong = "too few words" if len(args) < needed else "too many words"
        raise ActionError(f"{wrong} for {verb.name!r}", f"usage: {verb.usage}; for example: {verb.example}")
    for parameter, arg in zip(verb.parameters, args, strict=False):
        _check_argument(verb, parameter, arg, names)
    action = Action(verb.name, tuple(args))
    if names and (why := why_not_applicable(action, names)):
        raise ActionError(*why)
    return action


def resolve_address(word: str, names: LabNames) -> str:
    """The virtual address that a word such as `.100` means in a lab; any other word as it is.

    One of IPv6 is `::100`, or `.100` where no IPv4 address ends so.
    """
    by_ending = {short_address(address): address for address in reversed(names.vip_addresses)}
    return by_ending.get(word) or by_ending.get(word.replace(".", "::")) or word


def _check_argument(verb: Verb, parameter: Parameter, arg: str, names: LabNames | None) -> None:
    match parameter.kind:
        case ArgKind.SERVICE:
            _require_known("service", arg, SERVICES)
        case ArgKind.NODE if names:
            _require_known("node", arg, names.node_names)
        case ArgKind.WHERE if names:
            _require_known("node or client", arg, (*names.node_names, *names.client_names))
        case ArgKind.NETWORK if names:
            _require_known("network", arg, names.network_names)
        case ArgKind.VIP if names:
            _require_known("virtual address", arg, names.vip_addresses)
        case ArgKind.KEY:
            _require_known("setting", arg, SETTINGS)
        case ArgKind.PERCENT:
            _require_number(verb, "a percentage", arg, 0, 100)
        case ArgKind.MILLISECONDS:
            _require_number(verb, "milliseconds", arg, 0, 60_000)
        case ArgKind.VALUE if len(arg) > 64 or any(c in arg for c in "{}!#\"'\n\r\\"):
            raise ActionError(
                f"{arg!r} is not allowed in keepalived.conf", "use letters, digits, '.' and '-'"
            )
        case _:
            pass


def _require_known(what: str, arg: str, known: tuple[str, ...]) -> None:
    if arg in known:
        return
    guess = get_close_matches(arg, known, 1)
    hint = f"did you mean {guess[0]!r}?" if guess else f"use one of: {', '.join(known)}"
    raise ActionError(f"there is no {what} {arg!r}", hint)


def _require_number(verb: Verb, what: str, arg: str, low: float, high: float) -> None:
    try:
        ok = arg.isascii() and low <= float(arg) <= high
    except ValueError:
        ok = False
    if not ok:
        raise ActionError(f"{arg!r} is not {what} from {low:g} to {high:g}", f"for example: {verb.example}")
