"""What other versions than 2.3.4 write, from their message texts (1.2.7, 1.2.24, 1.3.5, 2.0 to 2.4)."""

from __future__ import annotations

import pytest

from hatlab import keepalived as k
from hatlab.keepalived import log_line

LINES: list[tuple[str, k.LogLine]] = [
    (
        "VRRP_Instance(VI_1) Cant sent advert to 198.18.14.12 (Invalid argument)",
        k.AdvertSendFailed("VI_1", "Cant sent advert to 198.18.14.12 (Invalid argument)"),
    ),
    ("Script chk now returning 1", k.ScriptResult("chk", False, False, "returning 1")),
    (
        "(VI_1) Cannot use unicast without any peers - going to fault state",
        k.StateEntered("VI_1", "FAULT", "Cannot use unicast without any peers"),
    ),
    (
        "(VI_1) interface wg0 does not support multicast, specify unicast peers - disabling",
        k.StateEntered("VI_1", "FAULT", "interface wg0 does not support multicast"),
    ),
    *(
        (f"(VI_1) {text}", k.AdvertRefused("VI_1", "198.18.14.12", reason, text))
        for reason, text in (
            ("password", "invalid authentication HMAC from 198.18.14.12"),
            ("password", "unknown authentication key id 2 from 198.18.14.12"),
            ("auth_type", "missing authentication trailer from 198.18.14.12"),
            ("auth_type", "malformed authentication trailer from 198.18.14.12"),
            ("replay", "replayed authentication trailer from 198.18.14.12"),
            (
                "replay",
                "stale authentication trailer from 198.18.14.12, clock skew 40 sec exceeds window 30 sec",
            ),
        )
    ),
    *(
        (text, k.AdvertRefused("", "", reason, text))
        for reason, text in (
            ("length", "IPv4 VRRP packet too short - 12 bytes"),
            ("password", "IPSEC AH : invalid IPSEC SPI value. 7 and expect 9"),
            ("interval", "advertisement interval mismatch: mine=1000 milli-sec, rcved=2000 milli-sec"),
        )
    ),
    ("Terminating on signal", k.DaemonStopping()),
    ("VRRP_Instance(VI_1) Transition to MASTER STATE", k.TakeoverBegun("VI_1")),
    ("VRRP_Instance(VI_1): Transition to MASTER STATE", k.TakeoverBegun("VI_1")),
    ("VRRP_Instance(VI_1) Entering MASTER STATE", k.StateEntered("VI_1", "MASTER")),
    ("VRRP_Instance(VI_1) Now in FAULT state", k.StateEntered("VI_1", "FAULT")),
    ("VRRP_Instance(VI_1) forcing a new MASTER election", k.ElectionForced("VI_1")),
    (
        "VRRP_Instance(VI_1) Received lower prio advert, forcing new election",
        k.LowerPriorityHeard("VI_1", "", None),
    ),
    (
        "VRRP_Instance(VI_1) Received lower prio advert 90, forcing new election",
        k.LowerPriorityHeard("VI_1", "", 90),
    ),
    (
        "VRRP_Instance(VI_1) Received advert with lower priority 90, ours 100, forcing new election",
        k.LowerPriorityHeard("VI_1", "", 90, 100),
    ),
    ("(VI_1) Master received priority 0 or lower priority advert", k.LowerPriorityHeard("VI_1", "", None)),
    ("VRRP_Instance(VI_1) Received higher prio advert", k.HigherPriorityHeard("VI_1", "", None)),
    ("VRRP_Instance(VI_1) Received higher prio advert 150", k.HigherPriorityHeard("VI_1", "", 150)),
    (
        "VRRP_Instance(VI_1) Received advert with higher priority 150, ours 100",
        k.HigherPriorityHeard("VI_1", "", 150, 100),
    ),
    ("VRRP_Instance(VI_1) sent 0 priority", k.PriorityZero("VI_1", "sent")),
    (
        "VRRP_Instance(VI_1) Changing effective priority from 100 to 80",
        k.PriorityChanged("VI_1", 100, 80),
    ),
    (
        "VRRP_Instance(VI_1) Sending gratuitous ARPs on eth0 for 198.18.14.100",
        k.GarpSent("VI_1", "eth0", "198.18.14.100"),
    ),
    ("VRRP_Instance(VI_1) setting protocol VIPs.", k.AddressesChanged("VI_1", True)),
    ("VRRP_Instance(VI_1) removing protocol E-VIPs.", k.AddressesChanged("VI_1", False)),
    ("(VI_1) setting VIPs.", k.AddressesChanged("VI_1", True)),
    ("(VI_1) removing E-VIPs.", k.AddressesChanged("VI_1", False)),
    (
        "VRRP_Instance(VI_1) Cant send advert to 198.18.14.12 (Network is unreachable)",
        k.AdvertSendFailed("VI_1", "Cant send advert to 198.18.14.12 (Network is unreachable)"),
    ),
    ("VRRP_Script(chk) timed out", k.ScriptResult("chk", False, True, "timed out")),
    ("Kernel is reporting: interface eth0 DOWN", k.LinkChanged("eth0", False)),
    ("Kernel is reporting: interface eth0 UP", k.LinkChanged("eth0", True)),
    ("Linkbeat reports eth0 down", k.LinkChanged("eth0", False)),
    ("Netlink reflector reports IP 198.18.14.100 removed", k.AddressRemoved("198.18.14.100", "")),
    ("Netlink reflector reports IP 198.18.14.11 added", k.AddressAdded("198.18.14.11", "")),
    ("Netlink reflector reports IP 198.18.14.11 added to eth0", k.AddressAdded("198.18.14.11", "eth0")),
    ("Assigned address 198.18.14.11 for interface eth0", k.AddressAdded("198.18.14.11", "eth0")),
    ("Deassigned address 198.18.14.100 from interface eth0", k.AddressRemoved("198.18.14.100", "eth0")),
    ("Interface eth1 deleted", k.InterfaceChanged("eth1", False)),
    ("/usr/bin/killall -0 mysqld exited with status 1", k.CommandEnded("/usr/bin/killall -0 mysqld", 1)),
    (
        "(VI_1): WARNING - equal priority advert received from remote host with our IP address.",
        k.OwnAddressHeard(
            "VI_1", "WARNING - equal priority advert received from remote host with our IP address."
        ),
    ),
    (
        "(VI_1) CONFIGURATION ERROR: local instance and a remote instance are both configured "
        "as address owner, please fix - reducing local priority",
        k.OwnAddressHeard(
            "VI_1",
            "CONFIGURATION ERROR: local instance and a remote instance are both configured as address owner"
            ", please fix - reducing local priority",
        ),
    ),
    ("Cant find interface ens18 for vrrp_instance VI_1 !!!", k.InterfaceMissing("VI_1", "ens18")),
    (
        "WARNING - interface ens18 for vrrp_instance VI_1 doesn't exist",
        k.InterfaceMissing("VI_1", "ens18"),
    ),
    ("VRRP_Instance(VI_1) Unknown interface !", k.InterfaceMissing("VI_1", "")),
    ("(VI_1) Unknown interface!", k.InterfaceMissing("VI_1", "")),
    (
        "Netlink: error: Operation not permitted, type=(20), seq=1474249628, pid=0",
        k.KernelRefused("Operation not permitted", "20"),
    ),
    (
        "Netlink: error: No such process(3), type=RTM_DELROUTE(25), seq=1735192881, pid=0",
        k.KernelRefused("No such process", "RTM_DELROUTE"),
    ),
    ("Sending gratuitous ARP on eth0 for 198.18.14.100", k.GarpSent("", "eth0", "198.18.14.100")),
    ("Sending unsolicited Neighbour Advert on eth0 for fd00::100", k.GarpSent("", "eth0", "fd00::100")),
    ("(VI_1) start preempt delay (10.000000)", k.PreemptDelayed("VI_1", 10.0)),
    ("VRRP_Instance(VI_1) start preempt delay(10)", k.PreemptDelayed("VI_1", 10.0)),
    ("(VI_1) stop preempt delay", k.PreemptDelayed("VI_1", None)),
    ("Starting Keepalived v2.2.8 (04/04,2023), git commit v2.2.7-154-g292b299e+", k.DaemonStarted("v2.2.8")),
    ("Starting Keepalived v1.2.7 (02/20,2013)", k.DaemonStarted("v1.2.7")),
    ("Stopping", k.DaemonStopping()),
    ("Stopping Keepalived v1.2.7 (02/20,2013)", k.DaemonStopping()),
    ("Stopped", k.DaemonStopped()),
    ("Stopped - used 0.203371 user time, 0.811425 system time", k.DaemonStopped()),
    (
        "Stopped - used (self/children) 0.203371/1.024424 user time, 0.811425/2.111 system time",
        k.DaemonStopped(),
    ),
    ("Stopped Keepalived v2.2.8 (04/04,2023)", k.DaemonStopped("v2.2.8")),
    ("Starting VRRP child process, pid=812", k.ChildStarted("VRRP", 812)),
    ("VRRP child process(812) died: Respawning", k.ChildDied("VRRP", "died: Respawning", True)),
    (
        "Keepalived_vrrp exited with permanent error CONFIG. Terminating",
        k.ChildDied("Keepalived_vrrp", "exited with permanent error CONFIG. Terminating", False),
    ),
    (
        "pid 53 exited due to signal 9 (Killed) - has rlimit_rttime been exceeded?",
        k.ChildDied("", "exited due to signal 9 (Killed) - has rlimit_rttime been exceeded?", False),
    ),
    (
        "Keepalived_vrrp exited due to signal 9 (Killed)",
        k.ChildDied("Keepalived_vrrp", "exited due to signal 9 (Killed)", False),
    ),
    (
        "Keepalived_vrrp exited due to segmentation fault (SIGSEGV).",
        k.ChildDied("Keepalived_vrrp", "exited due to segmentation fault (SIGSEGV).", False),
    ),
    (
        "Opening file '/etc/keepalived/keepalived.conf'.",
        k.ConfigurationOpened("/etc/keepalived/keepalived.conf"),
    ),
    ("Reloading ...", k.ReloadStarted()),
    ("VRRP_Group(VG_1) Syncing instances to MASTER state", k.GroupSynced("VG_1", "MASTER")),
    ("VRRP_Group(VG_1): Syncing VI_2 to FAULT state", k.GroupSynced("VG_1", "FAULT")),
    ("A thread timer expired 4.437445 seconds ago", k.TimerLate(4.437445)),
    ("VRRP thread timer expired 4.437445 seconds ago", k.TimerLate(4.437445)),
    ("Track script chk is already running, expect idle - skipping run", k.CheckOverran("chk", False)),
    ("Track script chk is being timed out, expect idle - skipping run", k.CheckOverran("chk", True)),
    ("Quorum lost for tracked process mysqld", k.ProcessQuorum("mysqld", False)),
    ("VRRP_Instance(VI_1) Tracked BFD instance peer is DOWN", k.BfdChanged("VI_1", "peer", False)),
    (
        "Unknown VRID(52) received on interface(eth0) from 198.18.14.13. ignoring...",
        k.StrangeRouterHeard("eth0", 52, "198.18.14.13"),
    ),
    ("Unknown VRID(52) received on interface(eth0). ignoring...", k.StrangeRouterHeard("eth0", 52, "")),
    ("(VI_1) expected 2 VIPs but received 1", k.AddressListDiffers("VI_1", "expected 2 VIPs but received 1")),
    (
        "ip address associated with VRID not present in received packet : 198.18.14.100",
        k.AddressListDiffers(
            "", "ip address associated with VRID not present in received packet : 198.18.14.100"
        ),
    ),
]
REFUSED = [
    ("(VI_1): received an invalid passwd!", "VI_1", "password"),
    ("receive an invalid passwd!", "", "password"),
    ("(VI_1) received a 1 auth, expecting 0!", "VI_1", "auth_type"),
    ("receive a 1 auth, expecting 0!", "", "auth_type"),
    ("(VI_1): invalid ttl. 64 and expect 255", "VI_1", "ttl"),
    ("(VI_1) invalid TTL/HL. Received 64 and expect 255", "VI_1", "ttl"),
    ("invalid version. 3 and expect 2", "", "version"),
    ("(VI_1) wrong version. Received 3 and expect 2", "VI_1", "version"),
    ("(VI_1): advertisement interval mismatch mine=1 sec rcved=2 sec", "VI_1", "interval"),
    ("advertissement interval mismatch mine=1000000 rcved=2", "", "interval"),
    ("(VI_1): Invalid VRRPv3 checksum", "VI_1", "checksum"),
    ("Invalid vrrp checksum", "", "checksum"),
    ("(VI_1): unicast source address 198.18.14.13 not a unicast peer", "VI_1", "destination"),
    ("received VRID mismatch. Received 52, Expected 51", "", "vrid"),
    ("bogus VRRP packet received on eth0 !!!", "", "unsound"),
    ("VRRP_Instance(VI_1) ignoring received advertisment...", "VI_1", "unsound"),
    ("VRRP_Instance(VI_1) Dropping received VRRP packet...", "VI_1", "unsound"),
]


@pytest.mark.parametrize(("text", "meaning"), LINES)
def test_each_line_is_parsed(text: str, meaning: k.LogLine) -> None:
    assert k.parse_log_line(text) == meaning


@pytest.mark.parametrize(("text", "instance", "reason"), REFUSED)
def test_each_refusal_is_parsed_with_its_reason(text: str, instance: str, reason: str) -> None:
    read = k.parse_log_line(text)
    assert isinstance(read, k.AdvertRefused)
    assert (read.instance, read.reason) == (instance, reason)


def test_every_kind_of_line_has_a_text_here_or_with_those_of_2_3_4() -> None:
    from tests.keepalived.test_log import LINES as CURRENT

    kinds = {type(meaning) for _, meaning in [*LINES, *CURRENT]} | {k.AdvertRefused, k.ConfigurationRead}
    assert kinds == set(log_line.LogLine.__args__)
