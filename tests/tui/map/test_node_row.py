"""One line a node, where nodes are many: pure drawing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hatlab.tui.map.node_row import count_states, name_width, row_line
from hatlab.views.lab_view import Mark, NodeView, PartView, node_view, state_mark
from tests.support.story import story
from tests.tui.harness import fold_batches


def _view(**changes: object) -> NodeView:
    found = node_view(fold_batches(story(9.0))[-1].state, "db1")
    return replace(found, **changes)  # type: ignore[arg-type]


def _parts(*words: str) -> tuple[PartView, ...]:
    return tuple(PartView(f"VI_{k}", state_mark(word), 150, 150, None) for k, word in enumerate(words))


def test_a_healthy_master() -> None:
    assert row_line(_view(), 4, 40, target=True).plain == "▸db1  .11  ★ MASTER  150  ◆ .100"


def test_narrow_leaves_out_the_octet_first() -> None:
    assert row_line(_view(), 4, 28, target=False).plain == " db1  ★ MASTER  150  ◆ .100"


@pytest.mark.parametrize("word", ["MASTER", "BACKUP", "FAULT", "INIT", "STOPPED"])
@pytest.mark.parametrize("width", [28, 38, 60])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_state_is_never_cut(word: str, width: int, count: int) -> None:
    names = ("a-name-of-twenty-char", "db1")
    view = _view(name=names[0], parts=_parts(*[word] * count), held=(), doubts=("x" * 30,))
    text = row_line(view, name_width(names, width), width, target=True).plain[:width]
    assert str(state_mark(word)) in text


def test_the_worst_trouble_is_shown_and_the_rest_counted() -> None:
    view = _view(
        services=(Mark("✖", "mysqld", "fault"), Mark("✔", "keepalived", "master")),
        faults=("deaf on heartbeat",),
    )
    assert row_line(view, 4, 60, target=False).plain.endswith("◆ .100 ✖ mysqld +1")


@pytest.mark.parametrize("width", range(34, 60))
def test_a_trouble_is_not_cut_where_fewer_words_fit(width: int) -> None:
    text = row_line(_view(faults=("deaf on heartbeat",)), 4, width, target=False).plain
    assert text.endswith("✂ deaf on heartbeat" if width >= 52 else "✂ deaf" if width >= 39 else "✂")
    assert len(text) <= width


def test_power_off_is_all_there_is_to_say() -> None:
    assert row_line(_view(power="off"), 4, 40, target=False).plain == " db1  .11  □ OFF"


def test_several_instances_are_counted_by_state_the_worst_first() -> None:
    view = _view(parts=_parts("BACKUP", "MASTER", "BACKUP", "FAULT"), held=("198.18.0.100", "198.18.0.101"))
    assert [(str(mark), count) for mark, count in count_states(view)] == [
        ("✖ FAULT", 1),
        ("★ MASTER", 1),
        ("○ BACKUP", 2),
    ]
    assert "✖ FAULT 1  ★ MASTER 1  ○ BACKUP 2  ◆ 2 VIPs" in row_line(view, 4, 70, target=False).plain
    assert "✖ FAULT 1  +3  ◆ 2 VIPs" in row_line(view, 4, 40, target=False).plain
