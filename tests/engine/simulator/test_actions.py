"""Every verb acts on the simulated lab and proves what it changed, before and after."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.actions import VERBS
from hatlab.engine.simulator.actions import _HANDLERS
from hatlab.errors import ActionFailed
from hatlab.state.faults import find_faults
from hatlab.vrrp.capture import observe_frame
from tests.support.simulated_lab import SimLab

VIP = "198.18.0.100"


def test_every_verb_is_carried_out() -> None:
    assert set(_HANDLERS) | {"end"} == set(VERBS)


@pytest.mark.parametrize(
    ("lines", "effect"),
    [
        (["freeze mysqld db1"], "mysqld pid 31 running → pid 31 frozen"),
        (["freeze keepalived db2", "thaw keepalived db2"], "keepalived pid 32 frozen → pid 32 running"),
        (["stop mysqld db2"], "mysqld pid 31 running → gone (exit 0)"),
        (["stop keepalived db2"], "keepalived pid 32 running → gone (exit 0)"),
        (["kill keepalived db2", "start keepalived db2"], "keepalived down (signal 9) → pid 34 running"),
        (["power off db1"], "db1 on → off"),
        (["power off db1", "power on db1"], "db1 off → on"),
        (["pause db1"], "every process of db1 running → stopped (SIGSTOP)"),
        (["pause db1", "resume db1"], "every process of db1 stopped → running (SIGCONT)"),
        (["cut heartbeat db2"], "db2 drops 0 % → 100 % of what servers send it on heartbeat"),
        (
            ["loss lan 30", "heal lan"],
            "db1 drops 30 % → 0 % of what servers send it on lan; "
            "db2 drops 30 % → 0 % of what servers send it on lan",
        ),
        (["delay lan 200"], "db1 delays 0 ms → 200 ms on lan; db2 delays 0 ms → 200 ms on lan"),
        (["link down lan db1"], "db1's interface eth0 on lan up → down"),
        (["link down lan db1", "link up lan db1"], "db1's interface eth0 on lan down → up"),
        (["set db2 priority 200"], "db2: priority 100 → priority 200; reloaded"),
        (["set db1 nopreempt on"], "db1: no nopreempt → nopreempt; reloaded"),
        (["reload db1"], "keepalived pid 32 running: told to read its configuration again (SIGHUP)"),
        ([f"address delete db1 {VIP}"], f"{VIP} on db1: held by eth0 → deleted"),
    ],
)
def test_an_effect_says_what_changed(lab: SimLab, lines: list[str], effect: str) -> None:
    assert [lab.do(line) for line in lines][-1] == effect


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["start mysqld db1"], "runs already on db1"),
        (["kill mysqld db1", "kill mysqld db1"], "not running on db1: down"),
        (["thaw mysqld db1"], "not frozen"),
        (["freeze keepalived db1", "stop keepalived db1"], "frozen and cannot stop"),
        (["power on db1"], "already on"),
        (["power off db1", "power off db1"], "already off"),
        (["power off db1", "kill mysqld db1"], "db1 is off"),
        (["resume db1"], "not paused"),
        ([f"address delete db2 {VIP}"], f"db2 does not hold {VIP}"),
        (["set db1 priority 300"], "priority cannot be"),
    ],
)
def test_an_impossible_action_is_refused(lab: SimLab, lines: list[str], words: str) -> None:
    *before, last = lines
    for line in before:
        lab.do(line)
    with pytest.raises(ActionFailed, match=words) as failure:
        lab.do(last)
    assert failure.value.definite


def test_power_off_and_on(lab: SimLab) -> None:
    lab.do("power off db1", wait=5)
    assert lab.owners() == {"db2"}
    assert not lab.state.nodes["db1"].addresses
    lab.do("power on db1", wait=7)
    assert lab.owners() == {"db1"}
    assert not find_faults(lab.state)


def test_a_paused_master_is_a_zombie_whose_kernel_still_answers(lab: SimLab) -> None:
    lab.do("pause db1", wait=4.5)
    assert lab.owners() == {"db1", "db2"}
    assert lab.state.clients["client"].server == "db2", "the gratuitous ARP moved the client"
    lab.do("resume db1", wait=2)
    assert lab.owners() == {"db1"}


def test_a_frozen_mysqld_answers_nobody_until_it_is_thawed(lab: SimLab) -> None:
    lab.do("freeze mysqld db1", wait=1.2)
    probe = lab.state.clients["client"].last
    assert probe is not None
    assert (probe.ok, probe.error) == (False, "timeout")
    lab.run(9)
    assert lab.reported("db1") == "FAULT", "hanging checks count as failed"
    assert lab.owners() == {"db2"}
    lab.do("thaw mysqld db1", wait=10)
    assert lab.owners() == {"db1"}


def test_a_deleted_address_comes_back_after_one_skew(lab: SimLab) -> None:
    lab.do(f"address delete db1 {VIP}")
    at = lab.now
    lab.run(2)
    changes = [(v.state, round(v.at - at, 2)) for v in lab.events if isinstance(v, e.Vrrp) and v.at >= at]
    assert changes == [("BACKUP", 0.0), ("MASTER", 0.41)]
    assert lab.owners() == {"db1"}


def test_a_stale_address_is_removed_at_the_next_start(lab: SimLab) -> None:
    lab.do("kill keepalived db1", wait=5)
    assert lab.owners() == {"db1", "db2"}
    lab.do("start keepalived db1", wait=0.2)
    assert lab.owners() == {"db2"}


def test_loss_makes_a_flapping_pair_until_it_is_healed(lab: SimLab) -> None:
    lab.do("loss heartbeat 70", wait=60)
    moves = [v for v in lab.events if isinstance(v, e.Vrrp) and v.node == "db2" and v.state == "MASTER"]
    assert moves
    lab.do("heal heartbeat", wait=5)
    assert lab.owners() == {"db1"}


def test_delay_moves_frames_on_the_wire(lab: SimLab) -> None:
    lab.do("delay heartbeat 200", wait=3)
    assert lab.owners() == {"db1"}
    drop = lab.state.nodes["db1"].filters["heartbeat"]
    assert drop.delay_ms == pytest.approx(200)


def test_reload_applies_an_edit_and_a_master_stays(lab: SimLab) -> None:
    lab.do("set db1 priority 90", wait=0.05)
    assert lab.reported("db1") == "MASTER"
    assert lab.owners() == {"db1"}
    lab.run(6)
    assert lab.owners() == {"db2"}, "its priority is the lower one now"


def test_an_edit_counts_only_after_a_reload(lab: SimLab) -> None:
    text = lab.state.nodes["db2"].conf.replace("priority 100", "priority 200")
    lab.do("edit db2 mine.conf", text, wait=5)
    assert lab.owners() == {"db1"}
    lab.do("reload db2", wait=5)
    assert lab.owners() == {"db2"}


def test_a_changed_address_list_is_followed_by_a_reload(lab: SimLab) -> None:
    text = lab.state.nodes["db1"].conf.replace("198.18.0.100/24", "198.18.0.101/24")
    lab.do("edit db1 mine.conf", text)
    lab.do("reload db1", wait=0.5)
    assert ("lan", "198.18.0.101") in lab.state.nodes["db1"].addresses
    assert ("lan", VIP) not in lab.state.nodes["db1"].addresses


def test_reset_undoes_everything(lab: SimLab) -> None:
    broken = (
        "cut heartbeat",
        "kill mysqld db1",
        "set db2 priority 250",
        "power off db2",
        "link down lan db1",
    )
    for line in broken:
        lab.do(line)
    assert lab.do("reset").startswith("db1, db2 back to the start, in ")
    lab.run(1)
    assert not find_faults(lab.state)
    assert lab.owners() == {"db1"}
    assert all(node.conf == node.original_conf for node in lab.state.nodes.values())


def test_frames_are_what_a_capture_would_decode(lab: SimLab) -> None:
    lab.do("cut heartbeat db2", wait=8)
    seen = [event for event in lab.events if isinstance(event, e.Advert | e.Arp)]
    assert {event.kind for event in seen} == {"advert", "arp"}
    for event in seen:
        frame = bytes.fromhex(event.frame)
        assert observe_frame(event.at, event.node, event.direction, event.network, frame) == event
        assert not isinstance(event, e.Advert) or not event.defects
    idents = [
        a.frame[36:40] for a in seen if isinstance(a, e.Advert) and (a.node, a.direction) == ("db1", "sent")
    ]
    assert len(set(idents)) == len(idents), "keepalived numbers its packets"
