"""Text from outside, made visible."""

import json
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.util.visible import is_visible, show_controls, show_surrogates, to_json
from tests.texts.hostile import hostile_texts, unsafe_in


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a plain text: ★ 你好 é → “x”…", "a plain text: ★ 你好 é → “x”…"),
        ("\x1b[2J\x9b31m\x07", "\\x1b[2J\\x9b31m\\x07"),
        ("\x1b]52;c;eA==\x07", "\\x1b]52;c;eA==\\x07"),
        ("a\u202eb\u2066c\u200e", "a\\u202eb\\u2066c\\u200e"),
        ("a\u200bb\ufeffc\u00ad", "a\\u200bb\\ufeffc\\xad"),
        ("a\ud800b", "a\\ud800b"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("⚠\ufe0f stop", "⚠ stop"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("ad\u200cmin", "ad\\u200cmin"),
        ("e\u0301", "e\u0301"),
        ("\u0301e", "\\u0301e"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u0301\\u0301"),
        ("a\tb\nc\rd", "a\tb\nc\\x0dd"),
    ],
)
def test_what_steers_hides_or_reorders_is_an_escape(text: str, shown: str) -> None:
    assert show_controls(text) == shown


def test_a_name_has_neither_newline_nor_tab() -> None:
    assert show_controls("a\tb\nc", "") == "a\\x09b\\x0ac"


@given(hostile_texts())
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    shown = show_controls(text)
    assert not unsafe_in(shown)
    assert show_controls(shown) == shown
    assert is_visible(shown)


@given(st.text())
def test_a_text_of_printable_characters_is_kept(text: str) -> None:
    plain = "".join(
        c for c in text if c.isprintable() and category(c)[0] in "LNP" and c not in "\u115f\u1160\u3164\uffa0"
    )
    assert show_controls(plain) == plain


@given(st.recursive(hostile_texts(), lambda part: st.lists(part) | st.dictionaries(hostile_texts(), part)))
def test_json_is_valid_and_says_the_same(data: object) -> None:
    text = to_json(data)
    assert json.loads(text) == json.loads(json.dumps(data))
    assert not unsafe_in(text)
    text.encode()


@given(hostile_texts())
def test_surrogates_alone_can_go_without_a_change_of_length(text: str) -> None:
    assert len(show_surrogates(text)) == len(text)
    show_surrogates(text).encode()
