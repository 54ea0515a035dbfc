"""Who is Master and when: the settings that move timers and silence Masters. Measured on 2.3.4."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hatlab import events as e
from tests.engine.simulator.keepalived.labs import adverts_of, pair_with
from tests.support.simulated_lab import SimLab

QUIET = "    lower_prio_no_advert true"


def lower_heard(lab: SimLab, since: float) -> list[str]:
    return [line for line in lab.logs("db1", since) if "with lower priority" in line]


def test_down_timer_adverts_are_what_a_backup_waits_for() -> None:
    lab = pair_with("    down_timer_adverts 2", "    down_timer_adverts 5")
    started = next(at for at, state in lab.vrrp_changes("db1") if state == "BACKUP")
    assert lab.vrrp_changes("db1")[1][0] - started == pytest.approx(2.415, abs=0.01)
    last = lab.now + adverts_of(lab, "db1", lab.now - 1)[-1][0] - 1
    lab.do("kill keepalived db1", wait=6)
    master = [o.at for o in lab.events if isinstance(o, e.Vrrp) and (o.node, o.state) == ("db2", "MASTER")]
    assert master[0] - last == pytest.approx(5.61, abs=0.01)


def test_a_master_that_answers_no_lower_priority_keeps_its_beat() -> None:
    lab = pair_with(QUIET, QUIET)
    lab.do("cut heartbeat db2", wait=5)
    at = lab.now
    assert lab.owners() == {"db1", "db2"}
    assert lower_heard(lab, at - 1.5)[0] == (
        "(VI_1) Received advert from 198.18.1.12 with lower priority 100, ours 150"
    )
    beats = [seconds for seconds, _ in adverts_of(lab, "db1", at - 3)]
    assert {round(b - a, 1) for a, b in pairwise(beats)} == {1.0}


def test_two_masters_with_different_passwords_both_go_on_if_neither_answers() -> None:
    lab = pair_with(QUIET, QUIET, passwords=("1111", "2222"), run=9)
    assert lab.owners() == {"db1", "db2"}
    for node in ("db1", "db2"):
        assert len(adverts_of(lab, node, lab.now - 3.0)) == 3
        assert len([line for line in lab.logs(node) if "invalid passwd" in line]) <= 4
    muted = pair_with(passwords=("1111", "2222"), run=9)
    assert min(len(adverts_of(muted, node, muted.now - 3.0)) for node in ("db1", "db2")) == 0


def test_a_startup_delay_is_told_and_ends() -> None:
    lab = pair_with(before="global_defs {\n    vrrp_startup_delay 4\n}", run=9)
    lines = [line for line in lab.logs("db1") if "elay" in line]
    assert lines == ["Delaying startup for 4 seconds", "Delayed start completed"]
    began, master = (at for at, _ in lab.vrrp_changes("db1")[:2])
    assert master - began == pytest.approx(4 + 3.414, abs=0.02)


def test_a_reload_moves_the_end_of_a_startup_delay() -> None:
    lab = pair_with(before="global_defs {\n    vrrp_startup_delay 60\n}", run=1)
    lab.edit_conf("db1", "vrrp_startup_delay 60", "vrrp_startup_delay 50")
    assert [line for line in lab.logs("db1") if line.startswith("Delaying startup for a further")]
    lab.edit_conf("db1", "vrrp_startup_delay 50", "vrrp_startup_delay 0.5")
    assert "Reduced delayed start passed" in lab.logs("db1")
    lab.run(60)
    assert "Delayed start completed" not in lab.logs("db1")


def test_a_thawed_master_answers_two_adverts_before_it_hears_of_its_links() -> None:
    lab = pair_with()
    lab.do("freeze keepalived db1", wait=5.7)
    lab.do("link down lan db1", wait=1)
    lab.do("link up lan db1", wait=2)
    at = lab.now
    lab.do("thaw keepalived db1", wait=0.1)
    lines = [line for line in lab.logs("db1", at) if "ratuitous" not in line]
    told = ["forcing new election" in line for line in lines]
    assert sum(told) == 2
    assert lines[3:9] == [
        "Netlink reports eth0 down",
        "(VI_1) Entering FAULT STATE",
        "(VI_1) sent 0 priority",
        "(VI_1) removing VIPs.",
        "Netlink reports eth0 up",
        "(VI_1) Entering BACKUP STATE",
    ]
    assert lines[9] == "(VI_1) master set to 198.18.1.12", "what is left of the queue it hears as Backup"


def test_a_link_that_went_before_the_first_advert_came_is_heard_first() -> None:
    lab = pair_with()
    lab.do("freeze keepalived db1", wait=0.2)
    lab.do("link down lan db1", wait=0.2)
    lab.do("link up lan db1", wait=8)
    at = lab.now
    lab.do("thaw keepalived db1", wait=0.1)
    assert not lower_heard(lab, at)
    assert lab.reported("db1") == "BACKUP"


def test_a_socket_keeps_256_adverts_and_drops_the_later_ones() -> None:
    lab = pair_with()
    lab.do("freeze keepalived db1", wait=300)
    at = lab.now
    lab.do("thaw keepalived db1", wait=0.1)
    assert len(lower_heard(lab, at)) == 256


def test_a_reload_that_waited_loses_what_is_left_in_the_sockets() -> None:
    lab = pair_with()
    lab.do("freeze keepalived db1", wait=60)
    lab.edit_conf("db1", "priority", "priority")
    lab.do("reload keepalived db1", wait=0.1)
    at = lab.now
    lab.do("thaw keepalived db1", wait=0.1)
    assert 0 < len(lower_heard(lab, at)) < 40
    assert "Reloading ..." in lab.logs("db1", at)


def test_a_master_that_did_not_run_steps_back_by_itself_if_told_to() -> None:
    settings = "    nopreempt\n    timer_expired_backup 100"
    lab = pair_with(settings, settings)
    lab.do("freeze keepalived db1", wait=6)
    at = lab.now
    lab.do("thaw keepalived db1", wait=0.1)
    assert lab.owners() == {"db2"}
    assert [line for line in lab.logs("db1", at) if line.startswith("VRRP thread timer expired")]
    assert adverts_of(lab, "db1", at) == []


def test_a_master_that_sends_to_higher_says_goodbye_with_an_advert() -> None:
    lab = pair_with("    higher_prio_send_advert true", priorities=(100, 100))
    lab.do("kill keepalived db2", wait=6)
    assert lab.owners() >= {"db1"}
    lab.do("set db2 priority 200")
    at = lab.now
    lab.do("start keepalived db2", wait=5)
    assert lab.owners() == {"db2"}
    yielded = next(seconds for seconds, state in lab.vrrp_changes("db1", at) if state == "BACKUP")
    assert adverts_of(lab, "db1", at)[-1][0] == pytest.approx(yielded, abs=0.01)
