"""Rules about the text itself: braces, quotes, keywords, values (KA0xx)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.diagnostics.rules import all_rules
from hatlab.keepalived.diagnose.conf import Configuration, StatementAt, finding
from hatlab.keepalived.keywords import KEYWORDS, OUTDATED, has_block, homes, is_list
from hatlab.keepalived.parser import Statement

COMMANDS = frozenset(
    {"script", "misc_path", "notify", "quorum_up", "quorum_down", "startup_script", "shutdown_script"}
    | {f"notify_{word}" for word in ("up", "down", "master", "backup", "fault", "stop", "deleted")}
    | {
        "notify_master_rx_lower_pri",
        "notify_fifo_script",
        "vrrp_notify_fifo_script",
        "lvs_notify_fifo_script",
    }
)
"""Keywords whose values are a program and its arguments."""

_CODES = {
    "open": "KA001",
    "close": "KA002",
    "quote": "KA003",
    "include": "KA008",
    "definition": "KA009",
    "sequence": "KA009",
    "id": "KA016",
}
_SINGLE = (
    "state interface virtual_router_id priority advert_int version interval timeout fall rise weight "
    "auth_type auth_pass delay_loop connect_port connect_timeout retry delay_before_retry "
    "router_id script_user"
)
_ONCE = frozenset(_SINGLE.split())
_MOST_GUESSES = 50
_SECONDS = (0.0, 4_000.0, False)
_CHECKER_RANGES = {
    "connect_port": (1, 65535, True),
    "connect_timeout": _SECONDS,
    "delay_loop": _SECONDS,
    "delay_before_retry": _SECONDS,
    "retry": (0, 4294967295, True),
    "warmup": _SECONDS,
}
_RANGES: dict[str, dict[str, tuple[float, float, bool]]] = {
    "vrrp_instance": {
        "virtual_router_id": (1, 255, True),
        "priority": (1, 255, True),
        "advert_int": (0.01, 255, False),
        "version": (2, 3, True),
        "preempt_delay": (0, 1000, False),
        "unicast_ttl": (0, 255, True),
        "down_timer_adverts": (1, 100, True),
    },
    "vrrp_script": {
        "interval": (0.001, 4294, False),
        "timeout": (0.001, 4294, False),
        "weight": (-253, 253, True),
        "fall": (1, 2147483647, True),
        "rise": (1, 2147483647, True),
    },
    "global_defs": {"vrrp_version": (2, 3, True), "vrrp_startup_delay": (0, 4294, False)},
    "virtual_server": _CHECKER_RANGES,
    "virtual_server/real_server": _CHECKER_RANGES | {"weight": (0, 65535, True)},
    **{
        block: _CHECKER_RANGES
        for block in KEYWORDS
        if block.startswith("real_server/") or block == "SMTP_CHECK/host"
    },
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]*)?")
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)", re.A)
_RUNTIME_NAMES = {"_PWD", "_INSTANCE", "_RANDOM"}


def text_rules(conf: Configuration) -> Iterator[Finding]:
    for problem in conf.document.problems:
        rule = all_rules()[_CODES[problem.kind]]
        yield rule.finding(problem.line, problem.column, problem.text, file=problem.file)
    if not any(statement.words for statement in conf.root.body or ()):
        yield finding("KA014", conf.root, "there is nothing in this file")
    unknown = 0
    for place in conf.places:
        if place.statement.words and place.statement.keyword not in KEYWORDS[place.outer]:
            unknown += 1
            yield _unknown(place.statement, place.outer, guessing=unknown <= _MOST_GUESSES)
        else:
            yield from _keyword(conf, place)
    for place in conf.places:
        if place.statement.body is not None and not is_list(place.path):
            yield from _twice(place.statement)


def _keyword(conf: Configuration, place: StatementAt) -> Iterator[Finding]:
    statement, outer = place.statement, place.outer
    if not statement.words:
        yield finding("KA011", statement, "this { belongs to no keyword")
        return
    word = statement.keyword
    if word in OUTDATED:
        yield finding("KA012", statement, f"`{word}` is now called `{OUTDATED[word]}`")
    if has_block(place.path) and statement.body is None:
        yield finding("KA011", statement, f"`{word}` needs a block: {{ … }}")
    elif not has_block(place.path) and statement.body is not None:
        yield finding("KA011", statement, f"`{word}` has no block")
    yield from _stuck_brace(conf, statement)
    yield from _one_line(statement, outer)
    yield from _value(statement, _RANGES.get(outer, {}).get(word))
    for number, each in enumerate(statement.words):
        name = _REFERENCE.search(each.text)
        if name and name[1] not in _RUNTIME_NAMES:
            yield finding("KA010", statement, f"`${name[1]}` is not defined above this line", word=number)


def _unknown(statement: Statement, outer: str, *, guessing: bool) -> Finding:
    word, where = statement.keyword, outer.rpartition("/")[2] or "the top level"
    elsewhere = homes(word)
    guess = did_you_mean(word, KEYWORDS[outer]) if guessing else ""
    effect = cure = ""
    if word == "nb_get_retry":
        effect = "keepalived says \"Unknown keyword 'nb_get_retry'\", and retry falls back to 1"
        cure = "`retry N`"
    elif elsewhere and not guess:
        cure = f"it belongs in {' or '.join(elsewhere[:3])}"
    home = f" (it belongs in {' or '.join(elsewhere[:3])})" if elsewhere else guess
    return finding(
        "KA005", statement, f"unknown keyword `{word[:60]}` in {where}{home}", effect=effect, cure=cure
    )


def _stuck_brace(conf: Configuration, statement: Statement) -> Iterator[Finding]:
    text = conf.document.texts.get(statement.file, "")
    at = statement.open - 1
    if statement.body is None or not 0 < at < len(text) or text[at] != "{" or text[at - 1].isspace():
        return
    word = statement.words[-1]
    if word.end == at:
        block = f"`{' '.join(each.text for each in statement.words)[:60]}`"
        yield finding("KA006", statement, f"no blank before the {{ of {block}", word=len(statement.words) - 1)


def _one_line(statement: Statement, outer: str) -> Iterator[Finding]:
    if statement.keyword in COMMANDS or statement.body is not None or not outer:
        return
    for number, word in enumerate(statement.words[2:], 2):
        if word.text in KEYWORDS[outer]:
            yield finding(
                "KA004",
                statement,
                f"`{word.text}` is read as one more word of `{statement.keyword}`, and ignored",
                word=number,
            )
            return


def _value(statement: Statement, limits: tuple[float, float, bool] | None) -> Iterator[Finding]:
    if limits is None:
        return
    least, most, whole = limits
    word = statement.value()
    kind = "a whole number" if whole else "a number"
    wanted = f"{kind} from {least:g} to {most:g}" if most < 100_000 else f"{kind} of at least {least:g}"
    if not word:
        yield finding("KA007", statement, f"`{statement.keyword}` has no value", cure=f"give {wanted}")
        return
    fits = (_INTEGER if whole else _DECIMAL).fullmatch(word)
    if not fits or not least <= float(word) <= most:
        message = f"`{statement.keyword} {word[:40]}`: this must be {wanted}"
        yield finding("KA007", statement, message, word=1, cure=f"give {wanted}")


def _twice(block: Statement) -> Iterator[Finding]:
    counts = Counter(inner.keyword for inner in block.body or ())
    for inner in block.body or ():
        if counts[inner.keyword] > 1 and inner.keyword in _ONCE and block.last(inner.keyword) is inner:
            yield finding("KA013", inner, f"`{inner.keyword}` is given {counts[inner.keyword]} times")
