from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.keepalived.parser import MOST_LEVELS, Statement, line_at, parse_config, parse_document

TEXTS = st.text(st.sampled_from('ab {}"!#\\\n\t') | st.characters(), max_size=200)


def _words(statement: Statement) -> list[str]:
    return [word.text for word in statement.words]


def test_blocks_lines_and_comments() -> None:
    root = parse_config('! one\na {\n  b "c d" e # why\n\n  f { g }\n}\nh\n')
    a, h = root.body or ()
    assert (a.keyword, a.line, h.line) == ("a", 2, 7)
    b, f = a.body or ()
    assert (_words(b), b.line) == (["b", "c d", "e"], 3)
    assert [inner.keyword for inner in f.body or ()] == ["g"]


def test_a_block_on_one_line_is_one_statement() -> None:
    """keepalived 2.3.4 says of this block: "Authentication specified but no password given"."""
    block = (parse_config("authentication { auth_type PASS auth_pass 1111 }").body or ())[0]
    assert [_words(inner) for inner in block.body or ()] == [["auth_type", "PASS", "auth_pass", "1111"]]


def test_a_brace_on_its_own_line_belongs_to_the_statement_before() -> None:
    block = (parse_config("authentication\n{\n auth_type PASS\n}").body or ())[0]
    assert (block.keyword, block.line, block.closed) == ("authentication", 1, True)


def test_a_comment_needs_no_blank_before_it_unless_escaped() -> None:
    words = [_words(s) for s in parse_config("a b#c\nd e\\#f\ng h!i").body or ()]
    assert words == [["a", "b"], ["d", "e#f"], ["g", "h"]]


def test_missing_and_extra_braces_are_tolerated() -> None:
    root = parse_config("}\na {\n b {\n c\n")
    a = (root.body or ())[0]
    assert not a.closed
    assert [s.keyword for s in (a.body or ())[0].body or ()] == ["c"]
    assert (parse_config("{ a }").body or ())[0].words == ()


def test_deep_nesting_is_no_recursion() -> None:
    parse_config("a {" * 5_000)
    parse_config("{" * 5_000 + "}" * 9_000)


def test_a_line_by_number_is_stripped_or_empty() -> None:
    text = "a\n   priority 150 \n"
    assert [line_at(text, number) for number in (2, 9, 0, -1)] == ["priority 150", "", "", ""]


@given(TEXTS)
def test_any_text_parses_and_offsets_are_true(text: str) -> None:
    todo = [parse_config(text)]
    while todo:
        statement = todo.pop()
        todo += statement.body or ()
        for word in statement.words:
            raw = text[word.start : word.end]
            assert raw.strip('"') == word.text.strip('"') or "\\" in raw or "$" in raw
            assert text.count("\n", 0, word.start) + 1 == statement.line
        if statement.words and statement.body is not None:
            assert text[statement.open - 1] == "{"
            assert not statement.closed or text[statement.close] == "}"


def test_a_list_without_its_brace_begins_all_the_same() -> None:
    text = "vrrp_instance VI_1 {\nvirtual_ipaddress\n192.0.2.1\n192.0.2.2\n}\npriority 5\n}\n"
    root = parse_config(text)
    (instance,) = root.body or ()
    vips = instance.last("virtual_ipaddress")
    assert vips is not None
    assert [entry.keyword for entry in vips.body or ()] == ["192.0.2.1", "192.0.2.2"]
    assert (vips.open, vips.closed) == (-1, True)
    assert instance.last("priority") is not None
    empty = parse_config("vrrp_instance VI_1 {\ntrack_script\n}\npriority 5\n}\n").body or ()
    assert [s.keyword for s in empty[0].body or ()] == ["track_script", "priority"]


@pytest.mark.parametrize("opening", ["{", "a {\n", "vrrp_instance a { "])
def test_blocks_in_one_another_are_read_to_a_bound(opening: str) -> None:
    document = parse_document(opening * 60_000)
    assert [problem.kind for problem in document.problems] == ["deep"]
    depth, statements = 0, document.root.body
    while statements:
        depth, statements = depth + 1, statements[-1].body
    assert depth <= MOST_LEVELS + 1
