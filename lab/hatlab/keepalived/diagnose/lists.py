"""Rules about the lines of list blocks: their words (KA005, KA007) and what stands twice (KA230)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_interface

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.addresses import bad_address
from hatlab.keepalived.diagnose.conf import Configuration, StatementAt, finding
from hatlab.keepalived.keywords import BLOCKS, LINE_VALUES, is_list
from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.preprocessor import undefined_name

_TRACKING = tuple(f"{block}/track_" for block in ("vrrp_instance", "vrrp_sync_group"))
_UNIQUE = (*_TRACKING, "vrrp_instance/unicast_peer")
_MOST_TTL = 255
_ROUTING = {f"{kind}_{what}" for kind in ("vrrp_instance/virtual", "static") for what in ("routes", "rules")}
_OUTDATED_WORDS = {"gw": "via", "or": "nexthop"}
_LIKE_ADDRESS = re.compile(r"[0-9]+(\.[0-9]*){2,}(/.*)?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(/.*)?")
_LEFT_OUT = "keepalived complains and ignores the whole line"


def list_rules(conf: Configuration) -> Iterator[Finding]:
    for at in conf.statements:
        if is_list(at.path):
            for entry in at.statement.body or ():
                yield from _line_rules(entry, at.path)
                yield from _undefined_words(entry)
                if at.path == "static_ipaddress" and entry.words:
                    yield from bad_address(entry)
                elif at.path in _ROUTING:
                    yield from _bad_routing_address(entry)
                    yield from _outdated_routing_words(entry, at.path)
                elif at.path == "vrrp_instance/unicast_peer":
                    yield from _crossed_bounds(entry)
    for at in conf.statements:
        if at.path.startswith(_UNIQUE):
            yield from _duplicates(at)


def _line_rules(entry: Statement, path: str) -> Iterator[Finding]:
    """What is wrong with the words behind the first."""
    values = LINE_VALUES.get(path)
    if values is None or not entry.words:
        return
    known = {word for word, _, _ in BLOCKS[path].entries()}
    tracking = path.startswith(_TRACKING)
    numbers = iter(range(1, min(len(entry.words), 4) if tracking else len(entry.words)))
    for number in numbers:
        word = entry.words[number].text
        if word not in known or (tracking and (word == "weight") != (number == 1)):
            yield _unknown_word(entry, number, known, path)
            return
        if word not in values:
            continue
        value, right = entry.value(number + 1), values[word]
        if not value:
            message = f"`{word}` has no value"
            yield finding("KA007", entry, message, word=number, effect=_LEFT_OUT, cure=f"give {right}")
        elif not right.allows(value) and "$" not in value:
            message = f"`{word} {value[:40]}`: this must be {right}"
            effect = f"keepalived complains and uses {right.instead}" if right.instead else _LEFT_OUT
            yield finding("KA007", entry, message, word=number + 1, effect=effect, cure=f"give {right}")
        next(numbers, None)


def _undefined_words(entry: Statement) -> Iterator[Finding]:
    """Definitions behind the first word; of an address that is one, `bad_address` speaks."""
    for number, word in enumerate(entry.words[1:], 1):
        if name := undefined_name(word.text):
            yield finding("KA010", entry, f"`${name}` is not defined above this line", word=number)


def _bad_routing_address(entry: Statement) -> Iterator[Finding]:
    """A word of a route or rule that looks like an address and is none."""
    for number, word in enumerate(entry.words):
        if _LIKE_ADDRESS.fullmatch(word.text) and not _is_network(word.text):
            effect = "keepalived complains and ignores the whole line"
            yield finding("KA215", entry, f"`{word.text[:60]}` is not an address", word=number, effect=effect)


def _outdated_routing_words(entry: Statement, path: str) -> Iterator[Finding]:
    for number, word in enumerate(entry.words):
        if path.endswith("routes") and word.text in _OUTDATED_WORDS:
            message = f"`{word.text}` of a route is now called `{_OUTDATED_WORDS[word.text]}`"
            yield finding("KA012", entry, message, word=number, reported=True)


def _is_network(word: str) -> bool:
    try:
        ip_interface(word)
    except ValueError:
        return False
    return True


def _crossed_bounds(entry: Statement) -> Iterator[Finding]:
    words = [word.text for word in entry.words]
    bounds = dict(zip(words[1::2], words[2::2], strict=False))
    least, most = whole_number(bounds.get("min_ttl", "0")), whole_number(bounds.get("max_ttl", "255"))
    if least is not None and most is not None and most < least <= _MOST_TTL:
        effect = "keepalived complains and rejects every advert from this peer"
        message = f"min_ttl {least} is more than max_ttl {most}"
        yield finding("KA007", entry, message, word=1, effect=effect, cure="swap the two")


def _unknown_word(entry: Statement, number: int, known: set[str], path: str) -> Finding:
    word, keyword = entry.words[number].text, path.rpartition("/")[2]
    message = f"`{word[:60]}` is not one of the words that {keyword} takes{did_you_mean(word, known)}"
    effect = _LEFT_OUT if path.startswith(_TRACKING) and number == 1 else ""
    return finding("KA005", entry, message, word=number, effect=effect)


def _duplicates(at: StatementAt) -> Iterator[Finding]:
    """The entries of a list that another of the same block names already."""
    first: dict[str, Statement] = {}
    for inner in at.owner.all(at.statement.keyword):
        for entry in inner.body or ():
            if not entry.words:
                continue
            other = first.setdefault(entry.keyword, entry)
            if other is not entry and inner is at.statement:
                message = f"`{entry.keyword[:60]}` is already in line {other.line}"
                yield finding("KA230", entry, message)
