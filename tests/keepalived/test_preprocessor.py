"""What keepalived's reader does before it looks at words; expectations follow lib/parser.c of 2.3.4."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.errors import ActionError
from hatlab.keepalived import change_setting
from hatlab.keepalived.parser import Document, Statement, parse_config, parse_document

PIECES = (
    '$A|${A}|$A=|$B=|\\\n|\n|~SEQ(i, 1, 3) |~LST(i, 1, 2) |~SEQ|(i,9)|@x |@^x |$i|{|}|"|#|!|include x|'
    "priority 100|a| |\\#|~"
)
ATOMS = st.sampled_from(PIECES.split("|"))


def _words(statement: Statement) -> list[list[str]]:
    return [[word.text for word in inner.words] for inner in statement.body or ()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$P=100\npriority $P", [["priority", "100"]]),
        ("$NET=10.0.0\nip ${NET}.1/24 dev e", [["ip", "10.0.0.1/24", "dev", "e"]]),
        ("$NET=10.0.0\nip $NET.1", [["ip", "$NET.1"]]),
        ("a $LATER\n$LATER=b", [["a", "$LATER"]]),
        ("$A=x\n$B=$A y\nz $B", [["z", "x", "y"]]),
        ("$L=one 1 \\\n two 2 \\\n\n$L", [["one", "1"], ["two", "2"]]),
        ("a ${_HASH}b $_BANG", [["a"]]),
        ("~SEQ(i, 1, 3) node $i", [["node", "1"], ["node", "2"], ["node", "3"]]),
        ("~SEQ(i, 8, -4, 0) n $i", [["n", "8"], ["n", "4"], ["n", "0"]]),
        ("~SEQx(i, 9, 2, b) n $i", [["n", "9"], ["n", "b"]]),
        (
            "~SEQ(i, 2) ~SEQ(j, 2) p${i}q$j r",
            [["p1q1", "r"], ["p1q2", "r"], ["p2q1", "r"], ["p2q2", "r"]],
        ),
        ("~LST(i, a, b) v $i", [["v", "a"], ["v", "b"]]),
        ("~LST({i, j}, {a, b}, {c, d}) v $i $j", [["v", "a", "b"], ["v", "c", "d"]]),
        ("@one a\n@two b\n@^two c\nd", [["c"], ["d"]]),
        ("a \\#b \\! c # d", [["a", "#b", "!", "c"]]),
        ('a "b # c" d', [["a", "b # c", "d"]]),
    ],
)
def test_lines_are_those_that_keepalived_reads(text: str, words: list[list[str]]) -> None:
    assert _words(parse_config(text)) == words


def test_a_configuration_id_chooses_its_lines() -> None:
    text = "@one a\n@two b\n@^two c\nd"
    assert _words(parse_document(text, config_id="two").root) == [["b"], ["d"]]


def test_a_definition_may_be_a_block() -> None:
    definition = "$BLOCK=authentication { \\\n auth_type PASS \\\n auth_pass secret \\\n }\n\n"
    text = definition + "vrrp_instance A {\n $BLOCK\n}\n"
    block = next(parse_config(text).all("vrrp_instance"))
    inner = block.last("authentication")
    assert inner is not None
    assert _words(inner) == [["auth_type", "PASS"], ["auth_pass", "secret"]]
    assert inner.line == 7
    with pytest.raises(ActionError, match="definition"):
        change_setting(text, "auth_pass", "other")


def test_a_value_from_a_definition_is_changed_where_it_is_used() -> None:
    text = "$P=100\nvrrp_instance A {\n priority $P\n}\nvrrp_instance B {\n priority $P\n}\n"
    assert change_setting(text, "priority", "90", "B") == text[: text.rindex("$P")] + "90\n}\n"


def _include(files: dict[str, str]) -> Document:
    def find(pattern: str, origin: str) -> list[tuple[str, str]]:
        found = [(name, text) for name, text in files.items() if re.fullmatch(pattern, name)]
        if not found:
            raise OSError(f"no file {pattern}")
        return found

    return parse_document("a {\n include .*x\n last\n}\ninclude nowhere", include=find)


def test_included_files_are_spliced_in_with_their_places() -> None:
    document = _include({"1x": "one\n two {", "2x": "}\nthree"})
    block = next(document.root.all("a"))
    assert _words(block) == [["include", ".*x"], ["one"], ["two"], ["three"], ["last"]]
    assert [(s.file, s.line) for s in block.body or ()] == [("", 2), ("1x", 1), ("1x", 2), ("2x", 2), ("", 3)]
    assert [(f.kind, f.line, f.text) for f in document.problems] == [("include", 5, "no file nowhere")]


def test_files_that_include_one_another_end() -> None:
    assert next(f.kind for f in _include({"1x": "include 1x"}).problems) == "include"


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("a\n  } b", "close", 2, 3),
        ("a {\n  b {\n}", "open", 1, 1),
        ('a\nb "c', "quote", 2, 3),
        ("~SEQ(i, x) a", "sequence", 1, 1),
        ("~SEQ(i, 1, 0, 5) a", "sequence", 1, 1),
        ("~SEQ(i, 1000000000000) a", "definition", 1, 1),
        ("$A=a$B\n$B=b$A\nx $A", "definition", 3, 3),
    ],
)
def test_what_cannot_be_read_has_its_place(text: str, kind: str, line: int, column: int) -> None:
    problems = parse_document(text).problems
    assert [(f.kind, f.line, f.column) for f in problems] == [(kind, line, column)]


@pytest.mark.parametrize(
    "text",
    [
        "$A=$A $A\n$B=$A \\\n$B\n\n" + "$B\n" * 500,
        "~SEQ(i, 99999) ~SEQ(j, 99999) ~SEQ(k, 99999) $i $j $k",
        "$X=y\n" + "$X " * 300_000,
        "\\#" * 400_000,
        '"' * 400_000,
        "~LST({" + "a," * 30_000 + "}, {" + "b," * 30_000 + "}) $a",
        "{" * 50_000,
        "$A=\\\n" + "b \\\n" * 50_000 + "\n$A\n$A\n",
    ],
    ids=range(8),
)
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    parse_document(text)
    assert time.process_time() - before < 8, "an endless or quadratic reading, not a slow machine"


@given(st.lists(ATOMS, max_size=40).map("".join))
def test_every_word_is_kept(text: str) -> None:
    """What stands outside words and braces is blank, a comment, a definition, or a line for another id."""
    document = parse_document(text)
    covered = bytearray(len(text) + 1)
    todo = [document.root]
    while todo:
        statement = todo.pop()
        todo += statement.body or ()
        for word in statement.words:
            covered[word.start : word.end] = b"x" * (word.end - word.start)
    if not any(mark in text for mark in '$~@#!"'):
        rest = "".join(char for char, done in zip(text, covered, strict=False) if not done)
        assert not rest.strip(" \t\n\r{}")
