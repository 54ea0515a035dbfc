"""A packet and a state are written in one way."""

from __future__ import annotations

from hatlab import events as e
from hatlab.describe import POWER_SYMBOLS, PROCESS_SYMBOLS, STATE_SYMBOLS, describe_event, format_transition
from hatlab.describe.packets import FULL, SHORT, SHORTEST, packet_title
from tests.support.story import story


def test_an_advert_is_named_alike_with_more_or_less_detail() -> None:
    advert = next(event for event in story() if isinstance(event, e.Advert))
    titles = [packet_title(advert, detail) for detail in (FULL, SHORT, SHORTEST)]
    assert titles == ["VRRP v2 VRID 51 prio 150", "VRID 51 prio 150", "prio 150"]
    line = describe_event(advert)
    assert line is not None
    assert line.text.startswith(titles[0])


def test_different_states_have_different_glyphs() -> None:
    states = [STATE_SYMBOLS, {k: POWER_SYMBOLS[k] for k in ("off", "paused")}]
    glyphs = [symbol.glyph for table in states for symbol in table.values()] + [
        PROCESS_SYMBOLS["frozen"].glyph
    ]
    assert len(glyphs) == len(set(glyphs))


def test_a_transition_has_the_glyphs_of_its_states() -> None:
    assert format_transition("BACKUP", "MASTER") == "○ BACKUP → ★ MASTER"
    assert format_transition("MASTER", "MASTER") == "stays ★ MASTER"
