"""Real configurations become a topology that runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.cli import main
from hatlab.errors import UserError
from hatlab.keepalived import read_scripts, read_settings, write_config
from hatlab.keepalived.settings import VrrpScript
from hatlab.keepalived.to_topology.convert import NodeInput, topology_from
from hatlab.keepalived.to_topology.equivalence import check_of
from hatlab.topology import Layout, Topology
from hatlab.topology.file import parse_topology
from hatlab.topology.library import load_topology
from tests.keepalived.blog import NODE_1, NODE_2
from tests.keepalived.conf import OTHER, SOUND
from tests.keepalived.diagnose.test_diagnose import _texts

NAMES = {"lan": "eth1", "heartbeat": "eth0"}


def _topology(confs: Sequence[tuple[str, str]]) -> str:
    return topology_from([NodeInput(*conf) for conf in confs]).text


def _layout(*confs: tuple[str, str]) -> Layout:
    text = _topology(confs)
    examined = parse_topology(text.encode())
    assert [f for f in examined.findings if f.severity == "error"] == [], text
    assert examined.topology is not None
    return Layout.numbered("lab", examined.topology, 7)


def test_what_hatlab_wrote_comes_back_without_a_raw_configuration() -> None:
    layout = Layout.numbered("two-node", load_topology("two-node"))
    interfaces = {"lan": "eth1", "heartbeat": "eth0"}
    back = _layout(*((node, write_config(layout, node, interfaces)) for node in layout.node_names))
    assert [spec.conf for spec in back.topology.nodes.values()] == [None, None]
    assert back.network_names == ("lan", "heartbeat")
    for node in layout.node_names:
        again = write_config(back, node, interfaces)
        assert again == write_config(Layout.numbered("two-node", layout.topology, 7), node, interfaces)


@pytest.mark.parametrize("check", [{"ask": "SELECT 2"}, {"tcp": 3306}, {"process": "mysqld"}])
def test_checks_and_fencing_come_back(check: dict[str, Any]) -> None:
    data = load_topology("two-node").model_dump(mode="json", exclude_none=True)
    data["checks"]["mysql"] = check
    data["instances"]["VI_1"]["fence"] = "super_read_only"
    layout = Layout.numbered("two-node", Topology.model_validate(data))
    back = _layout(*((node, write_config(layout, node, NAMES)) for node in layout.node_names)).topology
    assert [spec.conf for spec in back.nodes.values()] == [None, None]
    assert back.checks["mysql"].model_dump(include=set(check)) == check
    assert back.instances["VI_1"].fence == "super_read_only"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("/usr/bin/nc -z 127.0.0.1 3306", {"tcp": 3306}),
        ("/usr/bin/nc -z 10.0.0.9 3306", {}),
        ("/usr/bin/nc -z 127.0.0.1 99999", {}),
        ("/usr/bin/killall -0 mysqld", {"process": "mysqld"}),
        ("/usr/bin/killall mysqld", {}),
        ("/usr/bin/mysql -e 'SELECT 1'", {"ask": "SELECT 1"}),
    ],
)
def test_a_script_s_command_becomes_a_check(command: str, kind: dict[str, Any]) -> None:
    assert check_of(VrrpScript("c", command)) == kind


def test_pings_and_other_fencing_stay_as_they_are() -> None:
    layout = Layout.numbered("fenced", load_topology("fenced"))
    texts = {node: write_config(layout, node, NAMES) for node in layout.node_names}
    back = _layout(*texts.items()).topology
    assert all("/usr/bin/quorum " in (spec.conf or "") for spec in back.nodes.values())
    other = texts["db1"].replace("super_read_only = 1", "offline_mode = 1")
    assert _layout(("db1", other)).topology.instances["VI_1"].fence is None


def test_the_blog_s_pair_becomes_a_lab_that_has_its_faults() -> None:
    layout = _layout(("node1", NODE_1), ("node2", NODE_2))
    for node, original, vip in (("node1", NODE_1, "198.18.7.222"), ("node2", NODE_2, "198.18.7.122")):
        text = write_config(layout, node, {"lan": "eth3"})
        own, theirs = read_settings(original)["VI_1"], read_settings(text)["VI_1"]
        assert (theirs.interface, theirs.addresses) == ("eth3", (vip,))
        assert (theirs.priority, theirs.auth_pass, theirs.state) == (own.priority, own.auth_pass, own.state)
        assert text.count("\n") == original.count("\n")
        assert "nb_get_retry 3" in text
    assert set(layout.vip_addresses) == {"198.18.7.222", "198.18.7.122"}


def test_each_node_may_call_its_interfaces_otherwise() -> None:
    layout = _layout(("a", SOUND), ("b", OTHER.replace("eth0", "ens18")))
    assert layout.network_names == ("lan",)
    assert [spec.conf for spec in layout.topology.nodes.values()] == [None, None]


def test_unicast_peers_become_addresses_of_the_lab() -> None:
    here = "unicast_src_ip 10.0.0.7\nunicast_peer {\n10.0.0.8\n}"
    there = "unicast_src_ip 10.0.0.8\nunicast_peer {\n10.0.0.7\n}"
    layout = _layout(("a", SOUND.replace("advert_int 1", here)), ("b", OTHER.replace("advert_int 1", there)))
    text = write_config(layout, "a", {"lan": "eth0"})
    assert [spec.octet for spec in layout.topology.nodes.values()] == [7, 8]
    assert "unicast_src_ip 198.18.7.7\n" in text
    assert read_settings(text)["VI_1"].unicast_peers == ("198.18.7.8",)
    assert layout.address("b", "lan") == "198.18.7.8"
    assert [spec.conf for spec in layout.topology.nodes.values()] == [None, None]


def test_an_address_that_only_the_peers_name() -> None:
    here, there = (f"unicast_peer {{\n10.0.0.{n}\n}}" for n in (8, 7))
    layout = _layout(("a", SOUND.replace("advert_int 1", here)), ("b", OTHER.replace("advert_int 1", there)))
    assert [spec.octet for spec in layout.topology.nodes.values()] == [7, 8]
    assert layout.topology.instances["VI_1"].peers == "unicast"


def test_announcements_groups_and_a_member_that_differs_come_back() -> None:
    data = load_topology("load-sharing").model_dump(mode="json")
    data["instances"]["VI_1"] |= {"peers": "unicast", "garp": {"master_delay": 0, "master_refresh": 30}}
    data["instances"]["VI_1"]["members"]["db2"]["peers"] = "multicast"
    data["sync_groups"] = {"VG_1": ["VI_1", "VI_2"]}
    layout = Layout.numbered("lab", Topology.model_validate(data))
    interfaces = {"lan": "eth1", "heartbeat": "eth0"}
    back = _layout(*((node, write_config(layout, node, interfaces)) for node in layout.node_names)).topology
    assert [spec.conf for spec in back.nodes.values()] == [None, None]
    assert back.sync_groups == layout.topology.sync_groups
    assert back.instances["VI_1"].garp == layout.topology.instances["VI_1"].garp
    assert [back.instances["VI_1"].is_unicast(node) for node in ("db1", "db2")] == [True, False]


def test_what_a_topology_does_not_take_stays_a_configuration() -> None:
    layout = _layout(("a", SOUND.replace("advert_int 1", "garp_master_delay 99999")), ("b", OTHER))
    assert "garp_master_delay 99999" in (layout.topology.nodes["a"].conf or "")


def test_a_script_that_is_no_question_is_kept() -> None:
    text = SOUND.replace("/usr/bin/mysql --execute 'SELECT 1'", "/etc/keepalived/check.sh")
    layout = _layout(("a", text), ("b", OTHER))
    assert layout.topology.nodes["a"].conf is not None
    script = read_scripts(write_config(layout, "a", {"lan": "eth0"}))["sql"]
    assert script.command == "/etc/keepalived/check.sh"
    assert layout.topology.nodes["b"].conf is None


def test_names_that_a_topology_does_not_allow() -> None:
    here, there = (text.replace("VI_1", "VI.1/x") for text in (SOUND, OTHER))
    layout = _layout(("10.0.0.1; rm -rf /", here), ("no", there))
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,19}", name) for name in layout.node_names)


@pytest.mark.parametrize("confs", [[], [("a", "")], [("a", SOUND)] * 17])
def test_what_is_no_lab_is_said(confs: list[tuple[str, str]]) -> None:
    with pytest.raises(UserError):
        _topology(confs)


def test_the_command_writes_a_topology(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for node, text in (("node1", NODE_1), ("node2", NODE_2)):
        (tmp_path / node).mkdir()
        files.append(tmp_path / node / "keepalived.conf")
        files[-1].write_text(text)
    assert main(["topology-from", *map(str, files)]) == 0
    out = capsys.readouterr().out
    (tmp_path / "lab.yaml").write_text(out)
    assert list(load_topology(str(tmp_path / "lab.yaml")).nodes) == ["node1", "node2"]
    assert main(["topology-from", str(tmp_path / "nowhere.conf")]) == 2


@pytest.mark.parametrize("weight", ["254", "-1000"])
def test_a_weight_beyond_what_keepalived_adds_is_no_obstacle(weight: str) -> None:
    pidof = SOUND.replace("interval 2", f"interval 2\n    weight {weight}").replace(
        "/usr/bin/mysql --execute 'SELECT 1'", "/usr/bin/pidof mysqld"
    )
    made = parse_topology(_topology([("a", pidof), ("b", OTHER)]).encode())
    assert [f for f in made.findings if f.severity == "error"] == []


@given(_texts(), st.text(max_size=12), st.sampled_from([SOUND, OTHER, NODE_2]))
def test_any_text_is_a_sound_topology_or_a_sentence(text: str, name: str, other: str) -> None:
    inside, alone = SOUND.replace("advert_int 1", text), f"vrrp_instance {name} {{\n{text}\n}}"
    for whole in (text, inside, SOUND + text, alone):
        try:
            made = _topology([(name, whole), ("other", other)])
        except UserError:
            continue
        errors = [
            f for f in parse_topology(made.encode("utf-8", "replace")).findings if f.severity == "error"
        ]
        assert errors == [], made
