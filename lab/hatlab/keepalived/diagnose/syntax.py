"""Rules about the text itself: braces, quotes, keywords, values (KA0xx)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.diagnostics.rules import all_rules
from hatlab.keepalived.diagnose.conf import Configuration, StatementAt, finding
from hatlab.keepalived.keywords import (
    COMMANDS,
    DEPRECATED,
    FIRST_COUNTS,
    KEYWORDS,
    OUTDATED,
    RENAMED_ELSEWHERE,
    SINGLE,
    VALUES,
    WEIGHED_ONCE,
    Value,
    blocks_of,
    first_wrong,
    has_block,
    is_list,
)
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.preprocessor import undefined_name

_CODES = {
    "open": "KA001",
    "deep": "KA001",
    "close": "KA002",
    "quote": "KA003",
    "include": "KA008",
    "definition": "KA009",
    "sequence": "KA009",
    "id": "KA016",
}
_MOST_GUESSES = 50


def syntax_rules(conf: Configuration) -> Iterator[Finding]:
    for problem in conf.document.problems:
        rule = all_rules()[_CODES[problem.kind]]
        yield rule.finding(problem.line, problem.column, problem.text, file=problem.file)
    if not any(statement.words for statement in conf.root.body or ()):
        yield finding("KA014", conf.root, "this file is empty")
    unknown = 0
    for at in conf.statements:
        if at.statement.words and at.statement.keyword not in KEYWORDS[at.outer]:
            unknown += 1
            yield _unknown_keyword(at.statement, at.outer, guessing=unknown <= _MOST_GUESSES)
        else:
            yield from _statement_rules(conf, at)
    for at in conf.statements:
        if at.statement.body is not None and not is_list(at.path):
            yield from _repeated(at.statement)


def _statement_rules(conf: Configuration, at: StatementAt) -> Iterator[Finding]:
    statement = at.statement
    if not statement.words:
        yield finding("KA011", statement, "this { belongs to no keyword")
        return
    keyword = statement.keyword
    if keyword in OUTDATED and at.outer not in RENAMED_ELSEWHERE.get(keyword, ()):
        message = f"`{keyword}` is now called `{OUTDATED[keyword]}`"
        yield finding("KA012", statement, message, reported=keyword in DEPRECATED)
    if has_block(at.path) and statement.open < 0:
        yield finding("KA011", statement, f"`{keyword}` needs a block: {{ … }}")
    elif not has_block(at.path) and statement.body is not None:
        yield finding("KA011", statement, f"`{keyword}` has no block")
    elif is_list(at.path) and len(statement.words) > 1 and at.path != "virtual_server_group":
        message = f"`{keyword}` allows nothing before its {{"
        yield finding("KA011", statement, message, word=1, effect="keepalived complains and ignores it")
    yield from _brace_without_blank(conf, statement)
    yield from _several_on_one_line(statement, at.outer)
    yield from _wrong_value(statement, VALUES.get(at.outer, {}).get(keyword))
    for number, word in enumerate(statement.words):
        name = undefined_name(word.text)
        if name and keyword not in COMMANDS:
            value = VALUES.get(at.outer, {}).get(keyword)
            refused = number == 1 and value is not None and not value.allows(word.text)
            message = f"`${name}` is not defined above this line"
            yield finding("KA010", statement, message, word=number, reported=refused)


def _unknown_keyword(statement: Statement, outer: str, *, guessing: bool) -> Finding:
    keyword, where = statement.keyword, outer.rpartition("/")[2] or "the top level"
    if keyword.startswith("$") and statement.value().startswith("="):
        message = f"`{keyword[:60]}` is not a definition: there is a space before the ="
        return finding("KA009", statement, message, cure=f"`{keyword[:60]}=…`, without that space")
    blocks = blocks_of(keyword)
    belongs = f"it belongs in {' or '.join(blocks[:3])}"
    guess = did_you_mean(keyword, KEYWORDS[outer]) if guessing else ""
    effect = cure = ""
    if keyword == "nb_get_retry":
        effect = "keepalived says “Unknown keyword 'nb_get_retry'”, and retry falls back to 1"
        cure = "`retry N`"
    elif blocks and not guess:
        cure = belongs
    hint = f" ({belongs})" if blocks else guess
    message = f"unknown keyword `{keyword[:60]}` in {where}{hint}"
    return finding("KA005", statement, message, effect=effect, cure=cure)


def _brace_without_blank(conf: Configuration, statement: Statement) -> Iterator[Finding]:
    text = conf.document.texts.get(statement.file, "")
    at = statement.open - 1
    if statement.body is None or not 0 < at < len(text) or text[at] != "{" or text[at - 1].isspace():
        return
    if statement.words[-1].end == at:
        block = f"`{' '.join(word.text for word in statement.words)[:60]}`"
        yield finding(
            "KA006", statement, f"there is no space before the {{ of {block}", word=len(statement.words) - 1
        )


def _several_on_one_line(statement: Statement, outer: str) -> Iterator[Finding]:
    keyword = statement.keyword
    if keyword in COMMANDS or statement.body is not None or not outer:
        return
    for number, word in enumerate(statement.words[2:], 2):
        if word.text in KEYWORDS[outer]:
            message = f"`{word.text}` is read as another word of `{keyword}` and ignored"
            loses_password = outer == "vrrp_instance/authentication" and word.text == "auth_pass"
            yield finding("KA004", statement, message, word=number, reported=loses_password)
            return


def _wrong_value(statement: Statement, value: Value | None) -> Iterator[Finding]:
    wrong = first_wrong(value, [word.text for word in statement.words]) if value else None
    if wrong is None:
        return
    number, right = wrong
    keyword, word = statement.keyword, statement.value(number)
    if len(statement.words) <= number:
        yield finding("KA007", statement, f"`{keyword}` has no value", cure=f"give {right}")
    elif "$" not in word:
        message = (
            f"`{' '.join(word.text for word in statement.words[: number + 1])[:60]}`: this must be {right}"
        )
        taken = f"uses {right.instead}" if right.instead else "ignores the line"
        effect = f"keepalived complains and {taken}"
        yield finding("KA007", statement, message, word=number, effect=effect, cure=f"give {right}")


def _repeated(block: Statement) -> Iterator[Finding]:
    counts = Counter(inner.keyword for inner in block.body or ())
    for inner in block.body or ():
        keyword = inner.keyword
        if counts[keyword] < 2 or block.last(keyword) is not inner:
            continue
        message = f"`{keyword}` is given {counts[keyword]} times"
        if keyword in FIRST_COUNTS or (keyword == "weight" and block.keyword in WEIGHED_ONCE):
            effect = "keepalived uses the first, complains about the others and ignores them"
            yield finding("KA013", inner, message, effect=effect, reported=True)
        elif keyword in SINGLE:
            states = [s.value() for s in block.all("state")] if keyword == "state" else []
            stays_master = "BACKUP" in states[states.index("MASTER") :] if "MASTER" in states else False
            yield finding("KA013", inner, message, reported=stays_master)
