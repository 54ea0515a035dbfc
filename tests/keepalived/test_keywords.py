"""The table of keywords is that of keepalived 2.3.4, and says of each what becomes of it in a lab."""

from __future__ import annotations

from collections import Counter

import pytest

from hatlab.keepalived.keywords import BLOCKS, KEYWORDS, Effect, effect_of, is_list
from tests.keepalived.installed_keywords import INCLUDES, INSTALLED, WORDS


@pytest.mark.parametrize("path", INSTALLED)
def test_the_table_has_every_keyword_that_keepalived_installs_and_no_other(path: str) -> None:
    assert set(INSTALLED[path].split()) == KEYWORDS[path] - (INCLUDES if not path else set())


@pytest.mark.parametrize("path", WORDS)
def test_the_table_has_every_word_of_a_list_s_lines(path: str) -> None:
    assert is_list(path)
    assert {word for word, _, _ in BLOCKS[path].entries()} == set(WORDS[path].split())


def test_no_keyword_stands_twice_in_a_block() -> None:
    for path, block in BLOCKS.items():
        counts = Counter(keyword for keyword, _, _ in block.entries())
        assert [keyword for keyword, count in counts.items() if count > 1] == [], path


def test_each_has_its_reason_unless_it_is_modelled() -> None:
    for path, block in BLOCKS.items():
        for keyword, effect, why in block.entries():
            assert (effect is Effect.MODELLED) == (not why), (path, keyword)
            assert effect_of(path, keyword) == (effect, why)
