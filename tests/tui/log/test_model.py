import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hatlab import events as e
from hatlab.tui.log.model import Entry, LogModel, wrap_entry
from hatlab.util.safe_text import safe_text
from tests.support.story import story
from tests.tui.harness import fold_batches

NAMES = ("db1", "db2")


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    model = LogModel()
    for batch in fold_batches(story()):
        model.feed(batch.events)
    return model.entries


def test_daemons_lines_are_shown_as_they_are(entries: list[Entry]) -> None:
    said = [x for x in entries if x.kind == "keepalived"]
    assert said[0].text == "(VI_1) Receive advertisement timeout"
    assert {x.subject for x in said} == {"db1"}


def test_an_explanation_has_its_text_arithmetic_rule_and_line(entries: list[Entry]) -> None:
    why = next(x for x in entries if x.kind == "why" and x.subject == "db2" and "MASTER" in x.text)
    assert why.text.startswith("○ BACKUP → ★ MASTER: db1 did not just go silent")
    assert "skew = (256 − 100)/256" in why.more[0][0]
    assert why.more[1][0].startswith("RFC 3768 §6.4.2")
    assert why.more[2][0].startswith("keepalived.conf:")


def test_conditions_begin_and_end(entries: list[Entry]) -> None:
    texts = [x.text for x in entries if x.kind == "condition" and "split brain" in x.text]
    assert texts == ["split brain: 198.18.0.100 is held by db1 and db2", "over: split brain"]


def test_an_action_shows_its_effect(entries: list[Entry]) -> None:
    texts = [x.text for x in entries if x.kind == "action"]
    assert texts[:2] == ["kill mysqld db1", "kill mysqld db1: mysqld pid 31 running → gone (signal 9)"]


def test_a_failed_action_says_whether_anything_was_changed() -> None:
    model = LogModel()
    failed = e.Action(at=1, name="loss", targets=("lan", "5"), phase="failed", effect="no such module")
    unsure = e.Action(at=2, name="loss", phase="failed", definite=False, effect="timed out")
    one, two = model.feed([failed, unsure])
    assert one.text == "loss lan 5 failed: no such module (nothing was changed)"
    assert "may have happened" in two.text


def test_a_long_effect_is_shortened_and_stands_in_lines() -> None:
    short, long = ("\n".join(f"Column_{k}: {k}" for k in range(count)) for count in (3, 60))
    done = [e.Action(at=1, name="sql", targets=("db1",), phase="done", effect=x) for x in (short, long)]
    one, two = LogModel().feed(done)
    assert one.text == "sql db1: Column_0: 0"
    assert [line for line, _ in one.more] == ["Column_1: 1", "Column_2: 2"]
    assert [line for line, _ in two.more][-2:] == ["Column_4: 4", "… 55 more lines"]


def test_an_outage_is_two_lines_and_not_seventy(entries: list[Entry]) -> None:
    texts = [x.text for x in entries if x.kind == "outage"]
    assert texts == [
        "no answer (refused)",
        "answered again after 3.90 s and 76 failed tries, now by db2 instead of db1",
    ]


def test_replication_is_an_entry_when_it_changes() -> None:
    model = LogModel()

    def state(at: float, *, running: bool, errno: int = 0) -> e.Replication:
        error = "Duplicate entry '1'" if errno else ""
        return e.Replication(at=at, node="db1", receiver=True, applier=running, errno=errno, error=error)

    events = [state(1, running=True), state(2, running=True), state(3, running=False, errno=1062)]
    events += [state(4, running=False), state(5, running=True)]
    assert [x.text for x in model.feed(events)] == [
        "replication error 1062: Duplicate entry '1'",
        "replication stopped: applier",
        "replication is running",
    ]


def test_the_oldest_go_when_there_are_too_many() -> None:
    model = LogModel(keep=10)
    for k in range(25):
        model.feed([e.Log(at=k, node="db1", service="mysqld", text=str(k))])
    assert [x.text for x in model.entries] == [str(k) for k in range(15, 25)]


def test_a_line_that_comes_five_times_at_once_is_one_with_a_count() -> None:
    same = [e.Log(at=1 + k / 1000, node="db1", service="keepalived", text="Sending") for k in range(5)]
    other = e.Log(at=2, node="db2", service="keepalived", text="Sending")
    assert [(x.subject, x.text) for x in LogModel().feed([*same, other])] == [
        ("db1", "Sending  ×5"),
        ("db2", "Sending"),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("all is well", "all is well"),
        ("\x1b[2J\x1b]0;owned\x07gone", "\\x1b[2J\\x1b]0;owned\\x07gone"),
        ("a\tb\r\n", "a    b\\x0d\\x0a"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\x9b31m", "\\x9b31m"),
        ("[bold red]not markup[/]", "[bold red]not markup[/]"),
        ("数据库已启动，准备好接受连接。", "数据库已启动，准备好接受连接。"),
        ("café ★ → ✖", "café ★ → ✖"),
    ],
)
def test_text_of_others_is_made_plain(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@given(st.text())
def test_nothing_that_moves_the_cursor_survives(text: str) -> None:
    assert all(ord(c) >= 32 and not 0x7F <= ord(c) <= 0x9F for c in safe_text(text))


@pytest.mark.parametrize("width", [40, 69, 70, 120])
def test_every_line_fits(entries: list[Entry], width: int) -> None:
    for entry in entries:
        for line in wrap_entry(entry, width, NAMES):
            assert cell_len("".join(text for text, _ in line)) <= width


@given(st.text(st.sampled_from("ab 数据库— "), max_size=200), st.integers(30, 100))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    entry = Entry(1.0, "mysqld", "db1", "┆", "muted", text)
    lines = wrap_entry(entry, width, NAMES)
    assert all(cell_len("".join(t for t, _ in line)) <= width for line in lines)
    shown = "".join(line[-1][0] for line in lines)
    assert shown.replace(" ", "") == text.replace(" ", "")


def test_what_the_simulator_does_not_model_stands_out() -> None:
    text = "the simulator does not model `vrf`: in it, the interface's own network is used"
    line = e.Log(at=1.0, node="db1", service="hatlab", text=text)
    [entry] = LogModel().feed([line])
    assert (entry.kind, entry.subject, entry.glyph, entry.style, entry.text) == (
        *("hatlab", "db1", "◆", "warning"),
        text,
    )


def test_the_sum_of_an_explanation_is_broken_between_its_terms(entries: list[Entry]) -> None:
    why = next(x for x in entries if x.kind == "why" and any("measured" in text for text, _ in x.more))
    for width in (36, 50, 90):
        lines = ["".join(text for text, _ in row) for row in wrap_entry(why, width, ("db1", "db2"))]
        assert not any(line.rstrip().endswith(("+", "=", "×", "measured")) for line in lines)


def test_a_count_that_is_wrapped_and_a_late_time_keep_the_margin() -> None:
    entry = Entry(
        700.0, "keepalived", "db1", "│", "label", "Sending gratuitous ARP on eth0 for 198.18.0.100  ×5"
    )
    first, second = wrap_entry(entry, 70, ("db1", "db2"))
    texts = ["".join(text for text, _ in row) for row in (first, second)]
    assert texts[1].strip() == "×5"
    assert texts[1].index("×5") == texts[0].index("Sending")


@pytest.mark.parametrize("width", [40, 69, 70])
def test_a_client_has_its_whole_name(width: int) -> None:
    entry = Entry(1.0, "outage", "client2", "✖", "fault", "no answer")
    first, *_ = wrap_entry(entry, width, ("db1", "db2"), ("client1", "client2"))
    assert "client2 ✖ no answer" in " ".join("".join(text for text, _ in first).split())
