"""The readable log: what a line says, and which events are worth one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hatlab import events as e
from hatlab.state.derive import derive
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from hatlab.text.event_log import ChangeFilter, format_event
from hatlab.util.terminal import wants_colour
from tests.support.story import story


def _everything() -> list[e.Event]:
    """The story with what is derived from it."""
    state, out = LabState(), []
    for event in story():
        after = fold(state, event)
        out.append(event)
        for extra in derive(state, event, after):
            after = fold(after, extra)
            out.append(extra)
        state = after
    return out


def _log() -> list[str]:
    changes = ChangeFilter()
    return [format_event(event) for event in _everything() if changes.wants(event)]


def test_the_log_of_a_failover_is_short_and_complete() -> None:
    log = _log()
    text = "\n".join(log)
    assert len(log) < 110
    for words in (
        "lab     two-node on docker (a test)",
        "VI_1 is MASTER, priority 150",
        "holds virtual address 198.18.0.100 on lan",
        "mysqld is down (signal 9)",
        "VRRP v2 VRID 51 prio 0 sent to 224.0.0.18, leaving",
        "client  no answer: refused",
        "client  answered by db2",
        "the outage is over",
        "split brain: 198.18.0.100 is held by db1 and db2",
        "over: split brain",
        "why: ",
    ):
        assert words in text


def test_repeated_adverts_and_probes_are_condensed_unless_asked_for() -> None:
    everything = _everything()
    brief, full = ChangeFilter(), ChangeFilter(verbose=True)
    adverts = [event for event in everything if isinstance(event, e.Advert)]
    shown = [event for event in adverts if brief.wants(event)]
    assert 0 < len(shown) < len(adverts) / 2
    assert all(event in shown for event in adverts if event.priority == 0)
    assert all(full.wants(event) for event in adverts)


def test_an_advert_after_a_silence_is_shown_again() -> None:
    changes = ChangeFilter()
    first = next(event for event in story() if isinstance(event, e.Advert))
    again = [replace(first, at=first.at + delay) for delay in (0, 1, 2, 9)]
    assert [changes.wants(event) for event in again] == [True, False, False, True]


def test_every_kind_but_a_tick_has_a_line() -> None:
    kinds = {event.kind: event for event in _everything()}
    assert "tick" in kinds
    assert [kind for kind, event in kinds.items() if not format_event(event)] == ["tick"]


def test_text_of_daemons_cannot_reach_into_the_terminal() -> None:
    bad = e.Log(at=1.0, node="db1", service="mysqld", text="a\x1b[2Jb\rc\nd")
    assert format_event(bad).endswith("mysqld: a\\x1b[2Jb\\x0dc d")


def test_colour_is_around_the_words_only() -> None:
    event = e.Process(at=1.0, node="db1", service="mysqld", state="down", reason="signal 9")
    plain, coloured = format_event(event), format_event(event, colour=True)
    assert "\x1b" not in plain
    assert coloured.endswith("\x1b[0m")
    assert "\x1b[31m" in coloured


@pytest.mark.parametrize(
    ("environ", "tty", "wanted"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_when_to_colour(environ: dict[str, str], tty: bool, wanted: bool) -> None:
    assert wants_colour(environ, tty) is wanted


def test_an_effect_of_several_lines_stands_beneath() -> None:
    done = e.Action(at=1, name="sql", targets=("db1",), phase="done", effect="a: 1\nb: 2")
    assert [text.strip() for text in format_event(done).splitlines()] == [
        "0:01.000  ✔ action  sql db1 done",
        "a: 1",
        "b: 2",
    ]


@pytest.mark.parametrize("colour", [False, True])
def test_a_line_is_wrapped_at_blanks_under_its_words(colour: bool) -> None:
    mac = "02:42:c6:12:01:0b"
    event = e.Condition(
        at=49.63, name="duplicate_address", present=True, detail=f"announced by {mac} and {mac}"
    )
    lines = (
        format_event(event, width=50, colour=colour)
        .replace("\x1b[31m", "")
        .replace("\x1b[0m", "")
        .split("\n")
    )
    assert max(map(len, lines)) <= 50
    assert all(text.startswith(" " * 21) and text[21] != " " for text in lines[1:])
    assert " ".join(" ".join(lines).split()) == " ".join(format_event(event).split())
    assert sum(text.count(mac) for text in lines) == 2


def test_stamps_do_not_run_back() -> None:
    event = e.Link(at=49.408, node="db1", network="lan", up=True)
    assert format_event(event, since=49.63).startswith(" 0:49.630  ")
    assert format_event(event, since=49.63).endswith("(at 0:49.408)")
    assert format_event(event, since=49.41) == format_event(replace(event, at=49.41))
    assert format_event(event, since=3.0) == format_event(event)
