"""Settings that a lab does not follow as keepalived would (KA017, KA018), from the table of keywords."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.keywords import UNTOLD, Effect, block_path, effect_of, is_list
from hatlab.keepalived.parser import Statement, parse_document
from hatlab.util.text import join_names, plural

_CODES = {Effect.NOT_MODELLED: "KA017", Effect.WITHOUT: "KA018"}


def effect_rules(conf: Configuration) -> Iterator[Finding]:
    """One finding for the settings that have one reason in common, at the first of them."""
    for (effect, why), places in _places(conf.root).items():
        keywords = list(dict.fromkeys(place.words[word].text for place, word in places))
        yield finding(_CODES[effect], places[0][0], _message(effect, why, keywords), word=places[0][1])


def _message(effect: Effect, why: str, keywords: list[str]) -> str:
    names = join_names(f"`{keyword}`" for keyword in keywords)
    if effect is Effect.WITHOUT:
        one, many = "{names} changes nothing in a lab: {why}", "{names} change nothing in a lab: {why}"
        return plural(len(keywords), one, many, names=names, why=why)
    return f"the simulator does not model {names}: there, {why}"


@lru_cache(maxsize=64)  # each start of a lab reads the same few
def unmodelled_settings(text: str) -> tuple[str, ...]:
    """What a simulated lab does not model of a keepalived.conf, a sentence each. Never raises."""
    conf = Configuration(parse_document(text))
    told = (found.message for found in effect_rules(conf) if found.code == _CODES[Effect.NOT_MODELLED])
    return tuple(told)


def _places(root: Statement) -> dict[tuple[Effect, str], list[tuple[Statement, int]]]:
    """Effect and reason → the statements, and the word in each. A block that is told tells what is in it."""
    places: dict[tuple[Effect, str], list[tuple[Statement, int]]] = {}
    todo = [(inner, "") for inner in reversed(root.body or ())]
    while todo:
        statement, outer = todo.pop()
        path = block_path(outer, statement.keyword)
        words = range(1, len(statement.words)) if is_list(outer) else range(min(1, len(statement.words)))
        entries = [(word, effect_of(outer, statement.words[word].text)) for word in words]
        told = [(word, entry) for word, entry in entries if entry and entry[0] is not Effect.MODELLED]
        for word, entry in told:
            if entry[1] not in UNTOLD:
                places.setdefault(entry, []).append((statement, word))
        if not told:
            todo += [(inner, path) for inner in reversed(statement.body or ())]
    return places
