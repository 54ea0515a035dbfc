"""Rules about the lines of list blocks: their words (KA005, KA007) and what stands twice (KA230)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, StatementAt, finding
from hatlab.keepalived.keywords import BLOCKS, LINE_VALUES, is_list
from hatlab.keepalived.parser import Statement

_TRACKING = tuple(f"{block}/track_" for block in ("vrrp_instance", "vrrp_sync_group"))
_UNIQUE = (*_TRACKING, "vrrp_instance/unicast_peer")
_LEFT_OUT = "keepalived complains and leaves the whole line out"


def list_rules(conf: Configuration) -> Iterator[Finding]:
    for at in conf.statements:
        if is_list(at.path):
            for entry in at.statement.body or ():
                yield from _line_rules(entry, at.path)
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
            effect = f"keepalived complains and takes {right.instead}" if right.instead else _LEFT_OUT
            yield finding("KA007", entry, message, word=number + 1, effect=effect, cure=f"give {right}")
        next(numbers, None)


def _unknown_word(entry: Statement, number: int, known: set[str], path: str) -> Finding:
    word, keyword = entry.words[number].text, path.rpartition("/")[2]
    message = f"`{word[:60]}` is no word of a line of {keyword}{did_you_mean(word, known)}"
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
                message = f"`{entry.keyword[:60]}` stands in line {other.line} already"
                yield finding("KA230", entry, message)
