"""Defaults and corrections were read off `keepalived -d` of 2.3.4, which prints what it took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.keepalived import InstanceSettings, read_scripts, read_settings
from hatlab.keepalived.garp_settings import GarpSettings
from hatlab.keepalived.tracks import Track
from hatlab.keepalived.virtual_addresses import VirtualAddress
from tests.keepalived.conf import PLAIN
from tests.keepalived.test_parser import TEXTS

VOCABULARY = (
    "vrrp_instance VI_1 vrrp_script global_defs vrrp_version version 3 2 priority 300 -1 150 state MASTER "
    "advert_int 0.5 1e9 nopreempt authentication auth_type PASS auth_pass x virtual_ipaddress "
    "198.18.7.100/24 fe80::1 dev track_script weight interval ٣ { }"
)
WORDS = st.sampled_from([*VOCABULARY.split(), *"\n\n\n\n"])


def _one(inside: str, before: str = "") -> InstanceSettings:
    return read_settings(f"{before}\nvrrp_instance VI_1 {{\n{inside}\n}}\n")["VI_1"]


def test_an_instance_s_settings_are_read() -> None:
    found = read_settings(PLAIN)["VI_1"]
    assert found == InstanceSettings(
        instance="VI_1",
        interface="eth0",
        vrid=51,
        priority=150,
        nopreempt=True,
        auth_type="PASS",
        auth_pass="hatlab",
        virtual_addresses=(VirtualAddress("198.18.7.100", 24, "eth1"),),
        tracks=(
            Track("script", "mysql", -60),
            Track("interface", "eth0", implied=True),
            Track("interface", "eth1", implied=True),
        ),
        lines=found.lines,
    )
    assert (found.lines["priority"], found.lines["authentication"], found.lines["auth_pass"]) == (17, 20, 23)


def test_a_script_s_settings_are_read() -> None:
    script = read_scripts(PLAIN)["mysql"]
    assert script.command == "/usr/bin/mysql --execute 'SELECT 1'"
    assert (script.interval, script.timeout, script.fall, script.rise, script.weight) == (2.0, 2.0, 3, 4, -60)
    assert script.lines["rise"] == 9


@pytest.mark.parametrize(
    ("inside", "priority"),
    [
        ("", 100),
        ("state MASTER", 255),
        ("priority 300", 100),
        ("state MASTER\npriority 300", 100),
        ("priority 100\npriority 110", 110),
        ("priority", 100),
    ],
)
def test_a_priority_has_keepalived_s_defaults(inside: str, priority: int) -> None:
    assert _one(inside).priority == priority


@pytest.mark.parametrize(
    ("inside", "seconds"),
    [
        ("", 1.0),
        ("advert_int 0.5", 1.0),
        ("advert_int 1.5", 2.0),
        ("advert_int 2.5", 3.0),
        ("advert_int 300", 1.0),
        ("version 3\nadvert_int 0.5", 0.5),
        ("version 3\nadvert_int 100", 40.95),
    ],
)
def test_an_interval_is_rounded_as_the_version_sends_it(inside: str, seconds: float) -> None:
    assert _one(inside).interval == seconds


def test_the_version_is_the_instance_s_the_default_or_the_address_s() -> None:
    default = "global_defs {\n vrrp_version 3\n}"
    assert (_one("").version, _one("", default).version, _one("version 2", default).version) == (2, 3, 2)
    assert _one("virtual_ipaddress {\n fe80::100/64\n}").version == 3


@pytest.mark.parametrize(
    ("inside", "before", "version"),
    [
        ("version 2\nSIX", "", 2),
        ("SIX\nversion 2", "", 3),
        ("SIX", "global_defs {\n vrrp_version 2\n}", 3),
        ("version 2\nSIX", "global_defs {\n vrrp_strict\n}", 3),
        ("version 3\nversion 2", "", 3),
        ("version 2\nversion 3", "", 2),
        ("version 4\nversion 3", "", 3),
        ("version 2\nnative_ipv6", "", 3),
        ("version 2\nvirtual_ipaddress {\n 198.18.0.100\n}\nnative_ipv6", "", 2),
    ],
)
def test_the_first_version_counts_and_ipv6_takes_2_only_before_it_is_known(
    inside: str, before: str, version: int
) -> None:
    assert _one(inside.replace("SIX", "virtual_ipaddress {\n fe80::100/64\n}"), before).version == version


def test_a_password_counts_only_with_its_type_and_version_2() -> None:
    block = "authentication {{\n auth_type {}\n auth_pass {}\n}}"
    assert _one(block.format("PASS", "abcdefghijk")).auth_pass == "abcdefgh"
    assert _one(block.format("PASS", '"foo bar"')).auth_pass == "foo bar"
    assert (_one(block.format("AH", "secret")).auth_type, _one(block.format("AH", "x")).auth_pass) == (
        "AH",
        "x",
    )
    assert _one(block.format("ah", "secret")).auth_pass is None
    assert _one("authentication {\n auth_pass secret\n}").auth_pass is None
    assert _one("authentication { auth_type PASS auth_pass 1111 }").auth_pass is None
    assert _one("version 3\n" + block.format("PASS", "secret")).auth_pass is None


def test_strict_mode_refuses_what_the_rfcs_do_not_have() -> None:
    block = "priority {}\nstate MASTER\npreempt_delay 5\nauthentication {{\n auth_type PASS\n auth_pass x\n}}"
    strict = _one(block.format(101), "global_defs {\n vrrp_strict\n}")
    assert (strict.strict, strict.state, strict.auth_type, strict.accept) == (True, "BACKUP", "", False)
    assert (strict.preempt_delay, strict.garp.lower_repeat) == (0, 0)
    owner = _one("strict_mode\n" + block.format(255))
    assert (owner.state, owner.accept) == ("MASTER", True)
    assert not _one("strict_mode off", "global_defs {\n vrrp_strict\n}").strict
    assert not _one("", "global_defs {\n vrrp_strict false\n}").strict


@pytest.mark.parametrize(
    ("inside", "accepts"),
    [
        ("", True),
        ("no_accept", False),
        ("no_accept\naccept", True),
        ("no_accept\npriority 255", True),
        ("strict_mode", False),
        ("strict_mode\naccept", False),
        ("strict_mode\nversion 3\naccept", True),
    ],
)
def test_who_takes_packets_to_the_address(inside: str, accepts: bool) -> None:
    assert _one(inside).accept is accepts


@pytest.mark.parametrize(
    ("inside", "state"),
    [
        ("", "BACKUP"),
        ("priority 255", "MASTER"),
        ("priority 255\nstate BACKUP", "BACKUP"),
        ("state MASTER\nstate BACKUP", "MASTER"),
        ("state master", "BACKUP"),
        ("state MASTER\npriority 99\nauthentication {\n auth_type AH\n auth_pass x\n}", "BACKUP"),
    ],
)
def test_the_first_state_is_as_keepalived_derives_it(inside: str, state: str) -> None:
    assert _one(inside).state == state


def test_announcements_are_the_instance_s_or_the_default_s() -> None:
    default = "global_defs {\n vrrp_garp_master_repeat 2\n vrrp_garp_master_delay 3\n}"
    assert _one("").garp == GarpSettings()
    assert _one("", default).garp == GarpSettings(delay=3, repeat=2, lower_delay=3, lower_repeat=2)
    own = "garp_master_repeat 0\ngarp_master_delay 9\ngarp_master_refresh 60\ngarp_lower_prio_repeat 0"
    assert _one(own, default).garp == GarpSettings(9, 1, 60, 1, 3, 0)


def test_the_sync_group_of_an_instance_is_the_first_that_names_it() -> None:
    groups = "vrrp_sync_group A {\n group {\n  VI_1 VI_2\n }\n}\nvrrp_sync_group B {\n group {\n  VI_1\n }\n}"
    assert _one("", groups).sync_group == "A"
    assert _one("").sync_group == ""


def test_what_keepalived_clears_is_cleared() -> None:
    assert not _one("state MASTER\nnopreempt").nopreempt
    assert _one("state MASTER\npreempt_delay 5").preempt_delay == 0
    assert _one("nopreempt\npreempt_delay 5").preempt_delay == 0
    assert _one("preempt_delay 5").preempt_delay == 5


def test_a_script_s_defaults() -> None:
    script = read_scripts("vrrp_script a {\n interval 5\n}")["a"]
    assert (script.timeout, script.fall, script.rise, script.weight) == (5.0, 1, 1, 0)


@given(TEXTS)
def test_no_text_raises(text: str) -> None:
    read_settings(text)
    read_scripts(text)


@given(st.lists(WORDS, max_size=60))
def test_no_order_of_words_raises(words: list[str]) -> None:
    text = " ".join(words)
    for found in read_settings(text).values():
        assert 1 <= found.priority <= 255
        assert found.interval > 0
    read_scripts(text)
