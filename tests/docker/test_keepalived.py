"""What we write, keepalived takes without a word; what we read, it reads the same way."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hatlab.keepalived import change_setting, read_settings, write_config
from hatlab.topology import Garp, Layout, Topology
from hatlab.topology.library import load_topology

pytestmark = pytest.mark.docker

INTERFACES = {"lan": "lo", "heartbeat": "eth0"}
SHAPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "version 3": {"version": 3, "interval": 0.25},
    "no password": {"auth_pass": None},
    "nopreempt": {"members": {"db1": {"priority": 150, "nopreempt": True}}},
    "preempt delay": {"members": {"db1": {"priority": 150, "preempt_delay": 2.5}}},
    "owner": {"members": {"db1": {"priority": 255, "state": "MASTER"}}},
    "password of two words": {"members": {"db1": {"priority": 1, "auth_pass": "a (b)%;"}}},
    "many addresses": {"addresses": {"lan": list(range(100, 118)), "heartbeat": [200]}},
    "tracked interface": {"track": ["lan"]},
    "no check": {"checks": []},
    "unicast": {"peers": "unicast"},
    "announcements": {"garp": dict.fromkeys(Garp.model_fields, 1)},
}
AWKWARD = """\
vrrp_instance A {
    interface eth0
    virtual_router_id 51
    state MASTER
    priority 300
    advert_int 2.5
    authentication {
        auth_pass secret
    }
    virtual_ipaddress { 198.18.7.100/24 }
}
vrrp_instance B { interface eth0
    virtual_router_id 52
    priority 90
    priority 110 # the last one counts
    advert_int 0.5
    authentication
    {
        auth_type PASS
        auth_pass "much too long"
    }
    virtual_ipaddress {
        198.18.7.101/24
    }
}
vrrp_instance C {
    interface eth0
    version 3
    virtual_router_id 53
    advert_int 0.25
    authentication { auth_type PASS auth_pass 1111 }
    virtual_ipaddress {
        198.18.7.102/24
    }
}
"""


def _layouts() -> list[Layout]:
    data, subnets = Layout.numbered("two-node", load_topology("two-node")).to_data()
    shapes = []
    for changes in SHAPES.values():
        instance = {**data["instances"]["VI_1"], **changes}
        topology = Topology.model_validate({**data, "instances": {"VI_1": instance}})
        shapes.append(Layout("two-node", topology, subnets))
    return shapes


def test_keepalived_takes_every_shape_without_a_word(keepalived: Any) -> None:
    shapes = [(layout, comments) for layout in _layouts() for comments in (False, True)]
    texts = [write_config(layout, "db1", INTERFACES, comments=c) for layout, c in shapes]
    for text, code, output in keepalived("keepalived -t", texts):
        assert (code, output) == (0, ""), text


def test_keepalived_takes_every_change_without_a_word(keepalived: Any) -> None:
    text = write_config(_layouts()[0], "db1", INTERFACES)
    changes = {
        "priority": "90",
        "advert_int": "2",
        "nopreempt": "on",
        "weight": "-60",
        "auth_pass": "a(b)%;x",
    }
    texts = [change_setting(text, key, value) for key, value in changes.items()]
    texts.append(change_setting(text, "preempt_delay", "2.5"))
    texts.append(change_setting(change_setting(text, "nopreempt", "on"), "nopreempt", "off"))
    texts += [change_setting(write_config(_layouts()[2], "db1", INTERFACES), "auth_pass", "secret")]
    for changed, code, output in keepalived("keepalived -t", texts):
        assert (code, output) == (0, ""), changed


def test_keepalived_reads_the_same(keepalived: Any) -> None:
    """`keepalived -d` prints what it took of a configuration."""
    layouts = _layouts()
    texts = [AWKWARD, *(write_config(layout, "db1", INTERFACES) for layout in [*layouts[:3], layouts[-1]])]
    for text, _, output in keepalived("timeout 0.5 keepalived -n -l -d", texts):
        found = read_settings(text)
        blocks = re.split(r"VRRP Instance = (\S+)\n", output)
        took = dict(zip(blocks[1::2], blocks[2::2], strict=True))
        assert took.keys() == found.keys()
        for name, block in took.items():
            expected = found[name]
            assert f"VRRP Version = {expected.version}\n" in block
            assert f" Priority = {expected.priority}\n" in block
            unit, scale = ("milli-sec", 1000) if expected.version == 3 else ("sec", 1)
            assert f"Advert interval = {expected.interval * scale:g} {unit}\n" in block
            assert f"Virtual Router ID = {expected.vrid}\n" in block
            password = re.search(r"Password = (.*)\n", block)
            assert (password[1] if password else None) == expected.auth_pass
            shown = re.findall(r" ([\d.]+)/24 dev", block)
            assert tuple(shown) == expected.addresses
            garp = expected.garp
            for what, number in (
                ("delay", garp.delay),
                ("repeat", garp.repeat),
                ("refresh", garp.refresh),
                ("refresh repeat", garp.refresh_repeat),
                ("lower priority delay", garp.lower_delay),
                ("lower priority repeat", garp.lower_repeat),
            ):
                assert f"Gratuitous ARP {what} = {number}" in block
