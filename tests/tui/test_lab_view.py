from __future__ import annotations

from dataclasses import replace

import pytest

from hatlab import events as e
from hatlab.state.fold import fold
from hatlab.tui.map.node_box import _replication_piece
from hatlab.tui.widgets.header import HIDDEN_FAULTS, HeaderLine, header_view
from hatlab.views.lab_view import Mark, client_view, condition_sentences, node_view
from tests.support.story import VIP
from tests.support.story_engine import state_at


def test_a_healthy_pair() -> None:
    master, backup = node_view(state_at(8.0), "db1"), node_view(state_at(8.0), "db2")
    assert (str(master.parts[0].state), master.parts[0].priority) == ("★ MASTER", 150)
    assert master.held == (VIP,)
    assert master.answers
    assert master.tone == "master"
    assert (master.doubts, master.faults) == ((), ())
    assert str(backup.parts[0].state) == "○ BACKUP"
    assert (backup.held, backup.answers) == ((), False)


def test_who_holds_the_address_takes_writes_whatever_keepalived_reports() -> None:
    """A zombie owner is no Master and holds the address all the same."""
    dead = e.Process(at=8.1, node="db1", service="keepalived", state="down", reason="killed", pid=1)
    taken = e.Address(at=8.2, node="db2", network="lan", address=VIP, held=True, vip=True)
    state = state_at(8.0, dead, taken, e.Tick(at=9.0))
    state = fold(state, e.Condition(at=9.0, name="split_brain", present=True, detail="both hold it"))
    assert "Both would take writes" in condition_sentences(state)[0]
    crashed = e.Process(at=9.1, node="db1", service="mysqld", state="down", reason="killed", pid=2)
    assert "Only db2 would take writes" in condition_sentences(fold(state, crashed))[0]


def test_a_box_that_cannot_answer_does_not_answer_while_time_is_held() -> None:
    """The last answer is from before the power went."""
    state = state_at(8.0, e.Node(at=8.0, node="db1", state="off"))
    assert not node_view(state, "db1").answers
    view = client_view(state, "client")
    assert (view.server, view.is_answered) == ("db1", False)


def test_what_is_hidden_is_wrong_until_it_is_repaired() -> None:
    dead = e.Process(at=8.0, node="db1", service="keepalived", state="down", reason="killed", pid=1)
    alive = e.Process(at=9.0, node="db1", service="keepalived", state="up", pid=3)
    broken = state_at(8.0, dead)
    assert header_view(broken, None, hiding=True).faults == (HIDDEN_FAULTS,)
    assert header_view(fold(broken, alive), None, hiding=True).faults == ()


def test_a_backup_counts_down_and_an_advert_sets_it_anew() -> None:
    def left(moment: float) -> float:
        takeover = node_view(state_at(moment), "db2").parts[0].takeover
        assert takeover is not None
        assert takeover[1] == pytest.approx(3.61, abs=0.01)
        return takeover[0]

    assert left(8.6) == pytest.approx(2.6, abs=0.11)
    assert left(8.7) == pytest.approx(3.6, abs=0.11)
    assert node_view(state_at(8.7), "db1").parts[0].takeover is None


def test_a_fenced_mysqld_says_so_and_a_master_s_is_doubted() -> None:
    facts = [e.ReadOnly(at=8.0, node=n, read_only=True, super_read_only=True) for n in ("db1", "db2")]
    master, backup = (node_view(state_at(8.0, *facts), node) for node in ("db1", "db2"))
    assert backup.services[0].note == "read only"
    assert (master.doubts, backup.doubts) == (("MASTER, yet read only",), ())
    ended = e.Process(at=8.1, node="db2", service="mysqld", state="down", reason="signal 9")
    again = e.Process(at=8.2, node="db2", service="mysqld", state="up")
    assert node_view(state_at(8.0, *facts, ended, again), "db2").services[0].note == ""


@pytest.mark.parametrize(
    ("width", "roomy", "said"),
    [(24, False, "✔ replicating, read only"), (20, False, "· read only"), (24, True, "✔ replicating")],
)
def test_a_box_without_room_for_its_services_says_read_only_beside_the_replication(
    width: int, roomy: bool, said: str
) -> None:
    state = state_at(8.0, e.ReadOnly(at=8.0, node="db2", read_only=True, super_read_only=True))
    view = replace(node_view(state, "db2"), replication=Mark("✔", "replicating", "master"))
    assert _replication_piece(view, width, roomy=roomy)[0] == said


def test_a_killed_mysqld_says_by_what() -> None:
    mysqld, keepalived = node_view(state_at(12.0), "db1").services
    assert (str(mysqld), mysqld.note, mysqld.tone) == ("✖ mysqld", "signal 9", "fault")
    assert str(keepalived) == "✔ keepalived"


def test_an_address_left_behind_by_a_dead_keepalived_is_a_doubt() -> None:
    killed = e.Process(at=8.1, node="db1", service="keepalived", state="down", reason="signal 9")
    view = node_view(state_at(8.0, killed, e.Tick(at=9.0)), "db1")
    assert view.doubts == ("dead, yet holds VIP",)
    assert str(view.parts[0].state) == "■ STOPPED"
    assert view.held == (VIP,)


def test_a_doubt_is_not_shown_in_the_milliseconds_of_a_transition() -> None:
    killed = e.Process(at=8.1, node="db1", service="keepalived", state="down", reason="signal 9")
    assert node_view(state_at(8.0, killed), "db1").doubts == ()


def test_a_master_without_an_address_is_a_doubt() -> None:
    gone = e.Address(at=8.1, node="db1", network="lan", address=VIP, held=False, vip=True)
    assert node_view(state_at(8.0, gone, e.Tick(at=9.0)), "db1").doubts == ("MASTER, yet no VIP",)


def test_a_silent_master_is_a_doubt() -> None:
    state = state_at(8.0, e.Tick(at=13.0))
    assert node_view(state, "db1").doubts == ("MASTER, yet no adverts",)


def test_a_cut_and_a_dead_link_are_shown_at_the_node() -> None:
    assert node_view(state_at(32.0), "db1").faults == ("deaf on heartbeat",)
    down = e.Link(at=8.1, node="db2", network="heartbeat", up=False)
    assert node_view(state_at(8.0, down), "db2").faults == ("no link on heartbeat",)


def test_a_node_without_power_is_only_that() -> None:
    view = node_view(state_at(8.0, e.Node(at=8.1, node="db1", state="off")), "db1")
    assert (view.power, view.held, view.doubts, view.tone) == ("off", (), (), "stopped")


def test_both_owners_of_a_split_are_red() -> None:
    state = state_at(36.0)
    assert {node_view(state, n).tone for n in ("db1", "db2")} == {"fault"}
    (sentence,) = condition_sentences(state)
    assert "SPLIT BRAIN" in sentence
    assert "held by db1 and db2" in sentence


def test_no_owner_is_a_sentence_of_the_banner() -> None:
    assert any("NO OWNER" in s for s in condition_sentences(state_at(13.7)))


def test_an_outage_counts_and_is_remembered() -> None:
    during, after = client_view(state_at(12.0), "client"), client_view(state_at(15.0), "client")
    assert during.outage is not None
    seconds, tries, error = during.outage
    assert seconds == pytest.approx(2.05, abs=0.06)
    assert (tries, error) == (41, "refused")
    assert after.outage is None
    assert after.server == "db2"
    assert after.last_outage == ("3.90 s", "(76 failed tries, db1 → db2)")


def test_before_the_first_answer_there_is_no_outage() -> None:
    failed = e.Probe(at=2.0, client="client", ok=False, error="timeout")
    view = client_view(state_at(1.3, failed), "client")
    assert (view.outage, view.server) == (None, None)


def test_priority_lowered_by_a_check_shows_both() -> None:
    state = state_at(8.0)
    node = state.nodes["db1"]
    part = replace(node.instances["VI_1"], priority=90)
    state = replace(state, nodes={**state.nodes, "db1": replace(node, instances={"VI_1": part})})
    view = node_view(state, "db1").parts[0]
    assert (view.priority, view.configured) == (90, 150)


def test_a_header_says_no_fault_only_where_all_is_well() -> None:
    """What was broken by hand may be mended, and the lab may be split all the same."""
    well = state_at(8.0)
    split = e.Condition(at=8.1, name="split_brain", present=True, detail="db1 and db2 hold it")
    stopped = e.Replication(at=8.1, node="db1", receiver=True, applier=False, errno=1062)
    for state, told in (
        (well, "✔ no fault"),
        (fold(well, split), "⚠ split brain"),
        (fold(well, stopped), "⚠ replication stopped"),
    ):
        assert HeaderLine()._status(header_view(state, None), 80).plain == told
