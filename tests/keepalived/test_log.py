"""The lines are those of real runs of keepalived 2.3.4, or of its message texts."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hatlab import keepalived as k
from hatlab.keepalived import log
from hatlab.keepalived.needed_words import needed_words

LINES: list[tuple[str, k.LogLine]] = [
    ("Script `chk` now returning 1", k.ScriptResult("chk", False, False, "returning 1")),
    ("Script `chk` now returning 0", k.ScriptResult("chk", True, False, "returning 0")),
    ("VRRP_Script(chk) succeeded", k.ScriptResult("chk", True, True, "succeeded")),
    (
        "VRRP_Script(chk) failed (exited with status 1)",
        k.ScriptResult("chk", False, True, "exited with status 1"),
    ),
    ("VRRP_Script(chk) timed_out", k.ScriptResult("chk", False, True, "timed out")),
    ("VRRP_Script(chk) failed (due to signal 9)", k.ScriptResult("chk", False, True, "due to signal 9")),
    ("(VI_1) Receive advertisement timeout", k.TimerExpired("VI_1")),
    ("(VI_1) master set to 198.18.11.11", k.MasterChanged("VI_1", "198.18.11.11")),
    ("(VI_1) master changed from 198.18.11.11 to 198.18.11.12", k.MasterChanged("VI_1", "198.18.11.12")),
    (
        "(VI_1) received lower priority (90) advert from 198.18.14.11 - discarding",
        k.LowerPriorityHeard("VI_1", "198.18.14.11", 90),
    ),
    (
        "(VI_1) Received advert from 198.18.14.12 with lower priority 100, ours 150, forcing new election",
        k.LowerPriorityHeard("VI_1", "198.18.14.12", 100, 150),
    ),
    (
        "(VI_1) Master received advert from 198.18.11.11 with higher priority 150, ours 100",
        k.HigherPriorityHeard("VI_1", "198.18.11.11", 150, 100),
    ),
    (
        "(VI_1) Master received advert from 198.18.11.12 with same priority 255 "
        "but higher IP address than ours",
        k.HigherPriorityHeard("VI_1", "198.18.11.12", 255, 255),
    ),
    ("(VI_1) Backup received priority 0 advertisement", k.PriorityZero("VI_1", "received")),
    ("(VI_1) Master received priority 0 message", k.PriorityZero("VI_1", "received")),
    ("(VI_1) sent 0 priority", k.PriorityZero("VI_1", "sent")),
    ("(VI_1) Entering BACKUP STATE (init)", k.StateEntered("VI_1", "BACKUP")),
    ("(VI_1) Entering MASTER STATE", k.StateEntered("VI_1", "MASTER")),
    (
        "(V6) entering FAULT state (no IPv6 address for interface)",
        k.StateEntered("V6", "FAULT", "no IPv6 address for interface"),
    ),
    (
        "(VI_1): entering FAULT state due to script chk",
        k.StateEntered("VI_1", "FAULT", "due to script chk"),
    ),
    (
        "Disabling track script chk since not found/accessible",
        k.CheckRemoved("chk", "Disabling track script chk since not found/accessible"),
    ),
    (
        "(/etc/keepalived/keepalived.conf: Line 9) (VI_1) track script chk not found, ignoring...",
        k.CheckRemoved("chk", "(VI_1) track script chk not found, ignoring..."),
    ),
    (
        "Unable to set default user for vrrp script chk - removing",
        k.CheckRemoved("chk", "Unable to set default user for vrrp script chk - removing"),
    ),
    (
        "WARNING - script '/opt/ha/check.sh' is not executable for uid:gid 0:0 - disabling.",
        k.ScriptDisabled(
            "/opt/ha/check.sh",
            "WARNING - script '/opt/ha/check.sh' is not executable for uid:gid 0:0 - disabling.",
        ),
    ),
    ("Delaying startup for 4 seconds", k.StartupDelayed(4.0)),
    (
        "Netlink reflector reports IP 198.18.14.100 removed from eth0",
        k.AddressRemoved("198.18.14.100", "eth0"),
    ),
    ("(VI_1) Changing effective priority from 150 to 90", k.PriorityChanged("VI_1", 150, 90)),
    (
        "(VI_1) Sending/queueing gratuitous ARPs on eth0 for 198.18.14.100",
        k.GarpSent("VI_1", "eth0", "198.18.14.100"),
    ),
    (
        "(VI_1): send advert error 1 (Operation not permitted)",
        k.AdvertSendFailed("VI_1", "1 (Operation not permitted)"),
    ),
    ("Netlink reports eth0 down", k.LinkChanged("eth0", False)),
    ("Netlink reports vt0 up", k.LinkChanged("vt0", True)),
]
REFUSED = [
    ("password", "received an invalid passwd from 198.18.17.12!"),
    ("ttl", "invalid TTL/HL from 198.18.17.12. Received 64 and expect 255"),
    ("ttl", "TTL/HL 64 from 198.18.17.12 not in range [255, 255]"),
    ("version", "wrong VRRP version from 198.18.17.12. Received 3 and expect 2"),
    ("interval", "advertisement interval mismatch with 198.18.17.12 mine=2 sec rcv'd=1 sec"),
    ("checksum", "Invalid VRRPv3 checksum from 198.18.17.12"),
    ("auth_type", "received a 0 auth from 198.18.17.12, expecting 1!"),
    ("auth_type", "Invalid auth type from 198.18.17.12: 7"),
    ("length", "vrrp packet from 198.18.17.12 too short, length 12 and expect 20"),
    ("type", "Invalid packet type from 198.18.17.12. 2 and expect 1"),
    ("destination", "Expected unicast packet but received multicast packet from 198.18.17.12"),
]


@pytest.mark.parametrize(("text", "meaning"), LINES)
def test_each_line_is_parsed(text: str, meaning: k.LogLine) -> None:
    assert k.parse_log_line(text) == meaning
    assert k.parse_log_line(f"Sun Nov  2 18:14:38 2025: {text}\n") == meaning


@pytest.mark.parametrize(("reason", "detail"), REFUSED)
def test_each_refusal_is_parsed_with_its_reason(reason: str, detail: str) -> None:
    assert k.parse_log_line(f"(VI_1) {detail}") == k.AdvertRefused("VI_1", "198.18.17.12", reason, detail)


@pytest.mark.parametrize(
    "text", ["", "Startup complete", "(VI_1) setting Virtual Routes", "VRRP_Script() ", "("]
)
def test_other_lines_mean_nothing(text: str) -> None:
    assert k.parse_log_line(text) is None


@given(st.text(max_size=120), st.sampled_from([line for line, _ in LINES]), st.integers(0, 60))
def test_no_line_raises(noise: str, line: str, at: int) -> None:
    k.parse_log_line(noise)
    k.parse_log_line(line[:at] + noise + line[at:])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !", "password"),
        ("sequence number 7 already processed. Packet dropped. Local(9)", "replay"),
    ],
)
def test_a_refused_authentication_header_names_no_sender(line: str, reason: str) -> None:
    read = k.parse_log_line(f"(VI_1) IPSEC-AH : {line}")
    assert isinstance(read, k.AdvertRefused)
    assert (read.instance, read.address, read.reason) == ("VI_1", "", reason)


PATTERNS = [*log._DAEMON_PATTERNS, *log._INSTANCE_PATTERNS, *log._REFUSALS]


def test_each_line_has_the_words_by_which_its_pattern_is_chosen() -> None:
    assert all(pattern.words for pattern in PATTERNS)
    for pattern in PATTERNS:
        lines = [line for line, _ in LINES if pattern._compiled.fullmatch(line)]
        assert all(any(words in line for words in pattern.words) for line in lines)


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern._pattern[-40:])
def test_no_text_that_a_pattern_matches_lacks_its_words(pattern: log._Pattern, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern._compiled, fullmatch=True, alphabet=st.characters(codec="ascii")))
    assert pattern.match(text)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"Stopping(?: Keepalived v.*)?|Terminating on signal", ("Stopping", "Terminating on signal")),
        (r"Starting (?P<c>VRRP|BFD) child process", (" child process",)),
        (r"Reloading\(x|y\)", ("Reloading", "y")),
        (r"Unknown interface ?!", ("Unknown interface",)),
        (r"VRRP_Group\((?P<g>.+?)\)", ("VRRP_Group",)),
        (r"receives? it", ("receive",)),
        (r"(?:A|VRRP) thread", (" thread",)),
        (r"x? (?:from (?:a|b))? (?:one|two) .", ("one", "two")),
        (r"(?P<t>(?:ip|vip) address of \S+|none at all)", (" address of ", "none at all")),
        (r"(?:one)? ?\d+", ()),
        (r"x{0,3}\w", ()),
    ],
)
def test_words_are_those_that_every_text_has(pattern: str, words: tuple[str, ...]) -> None:
    assert needed_words(pattern) == words
