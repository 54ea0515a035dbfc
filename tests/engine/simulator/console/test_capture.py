"""tcpdump in a simulated node says what the real one says."""

from __future__ import annotations

import re

from hatlab import events as e
from hatlab.engine.simulator.programs.frame_text import format_frame
from tests.support.simulated_lab import SimLab


def test_tcpdump_words_and_its_end(lab: SimLab) -> None:
    output = lab.shell("tcpdump -n -c 2 -i eth1 vrrp | head -5")
    lines = [line for line in output.text.splitlines() if "VRRP" in line]
    shape = (
        r"\d\d:\d\d:\d\d\.\d{6} IP 198\.18\.1\.11 > 224\.0\.0\.18: VRRPv2, Advertisement, vrid 51, "
        r"prio 150, authtype simple, intvl 1s, length 20"
    )
    assert len(lines) == 2
    assert all(re.fullmatch(shape, line) for line in lines)
    assert "2 packets captured" in output.errors
    assert not lab.engine.world.taps
    assert "0 packets captured" in lab.shell("tcpdump arp", seconds=2).errors
    assert not lab.engine.world.taps


def test_frames_as_the_real_tcpdump_printed_them(lab: SimLab) -> None:
    """The lines are tcpdump's own (4.99, `-t -n -r`) for these very frames."""
    lab.do("kill mysqld db1", wait=8)
    frames = [x for x in lab.events if isinstance(x, e.Advert | e.Arp) and x.node == "db2"]
    lines = {line for x in frames for line in format_frame(x, {"n", "t"}, {})}
    assert {
        "IP 198.18.1.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 0, "
        "authtype simple, intvl 1s, length 20",
        "ARP, Request who-has 198.18.0.100 (ff:ff:ff:ff:ff:ff) tell 198.18.0.100, length 28",
    } <= lines


def test_filters_are_those_of_hatlab_capture(lab: SimLab) -> None:
    output = lab.shell("tcpdump -n -c 1 -i eth1 '(vrrp or arp) and src host db1'", "db2")
    assert "198.18.1.11 > 224.0.0.18" in output.text
    refused = lab.shell("tcpdump -i eth1 tcp port 3306")
    assert "can't parse filter expression" in refused.errors
    assert "dst host ADDRESS" in refused.errors
