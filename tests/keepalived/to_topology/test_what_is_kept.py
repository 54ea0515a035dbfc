"""What of an incident a topology keeps, and what is said to be changed."""

from __future__ import annotations

import re

import pytest

from hatlab.keepalived import localize_files, read_settings, write_config
from hatlab.keepalived.diagnose.conf import ScriptFile
from hatlab.keepalived.to_topology.convert import Conversion, NodeInput, topology_from
from hatlab.topology import Layout
from hatlab.topology.file import parse_topology
from tests.keepalived.conf import OTHER, SOUND

LAN = {"lan": "eth7"}


def _made(*texts: str, files: dict[str, ScriptFile] | None = None) -> tuple[Conversion, Layout]:
    made = topology_from(
        [NodeInput(name, text, files or {}) for name, text in zip("abcd", texts, strict=False)]
    )
    topology = parse_topology(made.text.encode()).topology
    assert topology is not None, made.text
    return made, Layout.numbered("lab", topology)


def _with(text: str, *lines: str) -> str:
    return text.replace("advert_int 1", "\n".join(("advert_int 1", *lines)))


def _peers(*addresses: str) -> str:
    return "\n".join(("unicast_peer {", *addresses, "}"))


def test_a_node_s_own_address_stays_among_its_peers() -> None:
    both = _peers("10.0.0.7", "10.0.0.8")
    made, layout = _made(_with(SOUND, both), _with(OTHER, both))
    assert [spec.octet for spec in layout.topology.nodes.values()] == [7, 8]
    for node in "ab":
        settings = read_settings(write_config(layout, node, LAN))["VI_1"]
        assert settings.unicast_peers == ("198.18.0.7", "198.18.0.8")
    assert "assigned in order: 10.0.0.7 is taken as the address of a, 10.0.0.8" in made.notes[0]


def test_a_peer_that_is_nobody_stays_nobody() -> None:
    here = _with(SOUND, "unicast_src_ip 10.0.0.7", _peers("10.0.0.9", "172.16.0.1"))
    there = _with(OTHER, "unicast_src_ip 10.0.0.8", _peers("10.0.0.7"))
    made, layout = _made(here, there)
    settings = read_settings(write_config(layout, "a", LAN))["VI_1"]
    assert settings.unicast_peers == ("198.18.0.9", "172.16.0.1")
    assert [layout.owner_of(peer) for peer in settings.unicast_peers] == [None, None]
    assert [note.partition(": ")[2] for note in made.notes] == [
        "it is lan.9 here, an address nobody has.",
        "it stays as it is, and nothing arrives there.",
    ]


def test_three_nodes_are_told_apart_by_their_peers() -> None:
    lists = [("10.0.0.8", "10.0.0.9"), ("10.0.0.7", "10.0.0.9"), ("10.0.0.7", "10.0.0.8")]
    texts = [_with(SOUND.replace("150", f"{150 - k}"), _peers(*peers)) for k, peers in enumerate(lists)]
    made, layout = _made(*texts)
    assert [spec.octet for spec in layout.topology.nodes.values()] == [7, 8, 9]
    assert made.notes == ()


def test_excluded_addresses_labels_and_prefix_lengths_are_kept() -> None:
    more = "virtual_ipaddress_excluded {\n198.18.0.101/16 label eth0:x\n}"
    made, layout = _made(_with(SOUND, more), _with(OTHER, more))
    assert "lan.101/16 label eth0:x" in made.text
    assert layout.topology.instances["VI_1"].addresses == {"lan": (100, 101)}
    settings = read_settings(write_config(layout, "a", LAN))["VI_1"]
    assert [(v.address, v.excluded) for v in settings.virtual_addresses] == [
        ("198.18.0.100", False),
        ("198.18.0.101", True),
    ]
    other = SOUND.replace("100/24", "100/32")
    assert "lan.100/32" in _made(other, OTHER)[0].text


def test_what_a_lab_needs_itself_moves_and_is_told() -> None:
    moved = [text.replace("198.18.0.100", "10.0.0.1") for text in (SOUND, OTHER)]
    made, layout = _made(*moved)
    assert any(note.startswith("10.0.0.1 is lan.100 here") for note in made.notes)
    assert layout.vip_addresses == ("198.18.0.100",)


def test_addresses_put_together_of_definitions_are_written_out() -> None:
    text = "$NET=198.18.0\n$DEV=eth0\n" + SOUND.replace("198.18.0.100", "${NET}.100").replace("eth0", "$DEV")
    made, layout = _made(text, OTHER)
    settings = read_settings(write_config(layout, "a", LAN))["VI_1"]
    assert (settings.addresses, settings.interface) == (("198.18.0.100",), "eth7")
    assert "The definitions of a are expanded, because addresses are built from them." in made.notes
    plain = SOUND.replace("198.18.0.100", "$VIP").replace("/24", "").replace("advert_int 1", "accept")
    made, _ = _made(f"$VIP=198.18.0.100/24\n{plain}", OTHER)
    assert "$VIP=lan.100/24" in made.text


def test_the_client_makes_way() -> None:
    moved = [text.replace("198.18.0.100", "10.0.0.50") for text in (SOUND, OTHER)]
    made, layout = _made(*moved)
    assert (layout.vip_addresses, made.notes) == (("198.18.0.50",), ())


def test_neighbours_of_known_addresses_are_translated() -> None:
    route = "virtual_routes {\n10.0.0.0/8 via 198.18.0.1 dev eth0\n}"
    made, _ = _made(_with(SOUND, route, "mcast_dst_ip 224.0.0.99"), OTHER)
    assert "10.0.0.0/8 via lan.1 dev lan" in made.text
    assert "mcast_dst_ip 224.0.0.99" in made.text


def test_ipv6_keeps_its_digits_where_they_can_be_an_octet() -> None:
    six = re.sub(r"    authentication \{[^}]*\}\n", "", SOUND).replace("198.18.0.100/24 dev eth0", "")
    texts = [
        text.replace(
            "virtual_ipaddress {", "virtual_ipaddress {\nfe80::9/64\n2001:db8::77/64\n2001:db8::ab/64"
        )
        for text in (six, six.replace("150", "100"))
    ]
    made, layout = _made(*texts)
    assert layout.topology.instances["VI_1"].family == "ipv6"
    assert {"198.18.0.100"} & {*layout.vip_addresses} == set()
    assert "fe80::9/64\nlan::77/64\nlan::100/64".replace("\n", "\n      ") in made.text
    assert any(note.startswith("2001:db8::ab is lan::100") for note in made.notes)


def test_nodes_on_different_subnets_are_joined_by_a_router() -> None:
    route = "virtual_routes {\n172.16.0.0/16 via 10.2.0.1\n}"
    here = _with(SOUND.replace("198.18.0", "10.1.0"), "unicast_src_ip 10.1.0.7", _peers("10.2.0.8"))
    there = _with(OTHER.replace("198.18.0", "10.1.0"), "unicast_src_ip 10.2.0.8", _peers("10.1.0.7"), route)
    made, layout = _made(here, there)
    assert "(a has 10.1.0.7, b has 10.2.0.8): here the node router connects them" in made.notes[0]
    assert layout.peer_addresses("VI_1", "a") == ("198.18.1.8",)
    assert layout.vip_addresses == ("198.18.0.100",)
    assert (layout.routes("a"), layout.routes("b")) == (
        {"198.18.1.0/24": "198.18.0.254"},
        {"198.18.0.0/24": "198.18.1.254"},
    )
    assert "172.16.0.0/16 via net-eth0-2.254" in made.text


def test_adverts_on_the_wrong_interface_stay_there() -> None:
    here, there = (text.replace("100/24 dev eth0", "100/24 dev eth1") for text in (SOUND, OTHER))
    _, layout = _made(here, there.replace("interface eth0", "interface eth1"))
    names = {network: network for network in layout.network_names}
    settings = [read_settings(write_config(layout, node, names))["VI_1"] for node in "ab"]
    assert settings[0].interface != settings[1].interface
    assert [vip.device for each in settings for vip in each.virtual_addresses] == [settings[1].interface] * 2


def test_interfaces_of_other_names_are_matched_by_what_they_are_for() -> None:
    here, there = (text.replace("100/24 dev eth0", "100/24 dev eth1") for text in (SOUND, OTHER))
    shifted = there.replace("dev eth1", "dev eth2").replace("interface eth0", "interface eth1")
    _, layout = _made(here, shifted)
    assert layout.network_names == ("lan", "heartbeat")
    assert [spec.conf for spec in layout.topology.nodes.values()] == [None, None]


def test_a_wide_prefix_is_one_subnet() -> None:
    wide = [text.replace("198.18.0.100/24", "10.1.9.100/16") for text in (SOUND, OTHER)]
    here = _with(wide[0], "unicast_src_ip 10.1.0.7", _peers("10.1.2.8"))
    there = _with(wide[1], "unicast_src_ip 10.1.2.8", _peers("10.1.0.7"))
    made, layout = _made(here, there)
    assert (layout.network_names, made.notes) == (("lan",), ())


def test_nodes_on_different_subnets_without_unicast_are_told() -> None:
    here, there = (_with(t, f"mcast_src_ip 10.{k}.0.7") for k, t in enumerate((SOUND, OTHER)))
    made, _ = _made(here, there)
    assert "in the lab they are on one network" in made.notes[0]


def test_an_instance_of_another_name_is_the_same_router() -> None:
    made, layout = _made(SOUND, OTHER.replace("VI_1", "VI_9"))
    assert list(layout.topology.instances) == ["VI_1"]
    assert "The vrrp_instance VI_9 of b is called VI_1 here." in made.notes
    assert {*read_settings(write_config(layout, "b", LAN))} == {"VI_1"}


def test_other_clusters_with_one_vrid_stay_others() -> None:
    others = [text.replace("VI_1", "VI_9").replace("0.100", "0.200") for text in (SOUND, OTHER)]
    _, layout = _made(SOUND, OTHER, *others)
    members = {name: [*spec.members] for name, spec in layout.topology.instances.items()}
    assert members == {"VI_1": ["a", "b"], "VI_9": ["c", "d"]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    script_user root\n", ""),
        ("script_user root", "script_user nobody"),
        ("/usr/bin/mysql", "/bin/mysql"),
        ("--execute 'SELECT 1'", "-h 198.18.0.12 --execute 'SELECT 1'"),
        ("--execute 'SELECT 1'", "-ucheck -psecret --execute 'SELECT 1'"),
        ("priority 150", "priority 300"),
        ("        sql\n", "        sql weight -2\n"),
        ("    track_script {\n        sql\n    }\n", ""),
        ("interface eth0", "interface eth0\n    dont_track_primary"),
        ("    virtual_router_id 51", "    virtual_router_id 51\n    nonsense"),
    ],
)
def test_what_a_generated_file_would_hide_is_kept(old: str, new: str) -> None:
    assert old in SOUND
    _, layout = _made(SOUND.replace(old, new), OTHER)
    assert layout.topology.nodes["a"].conf is not None
    assert layout.topology.nodes["b"].conf is None


def test_scripts_come_along_with_the_lab_s_names() -> None:
    text = SOUND.replace("/usr/bin/mysql --execute 'SELECT 1'", "/etc/keepalived/check.sh eth0")
    script = (
        "#!/bin/sh\nip addr show eth0 | grep -q 198.18.0.100 && ping -c 1 198.18.0.1\nmysql -h198.18.0.100\n"
    )
    files = {"/etc/keepalived/check.sh": ScriptFile(script, 0o700), "/run/x.cnf": ScriptFile("a\r\n", 0o644)}
    made, layout = _made(text, files=files)
    (check, moved) = layout.topology.nodes["a"].files.items()
    assert (check[0], check[1].mode, moved[0], moved[1].content) == (
        *("/etc/keepalived/check.sh", "0700"),
        *("/etc/keepalived/x.cnf", "a\r\n"),
    )
    written = localize_files(layout, "a", LAN)["/etc/keepalived/check.sh"].content
    assert written == script.replace("eth0", "eth7")
    assert (
        "/etc/keepalived/check.sh of a was changed: it now uses the interfaces, addresses or "
        "paths of the lab."
    ) in made.notes
    assert (
        "/run/x.cnf of a is /etc/keepalived/x.cnf here: a lab does not write to its original place."
        in made.notes
    )


def test_a_script_that_may_not_be_executed_stays_so_and_is_told() -> None:
    made, layout = _made(SOUND, files={"/opt/check.sh": ScriptFile("#!/bin/sh\n", 0o644)})
    assert layout.topology.nodes["a"].files["/opt/check.sh"].permissions == 0o644
    assert any("/opt/check.sh of a is not executable (0644" in note for note in made.notes)


def test_what_is_no_text_stays_behind_and_is_told() -> None:
    made, layout = _made(SOUND, files={"/opt/check": ScriptFile("\x7fELF\x00", 0o755)})
    assert layout.topology.nodes["a"].files == {}
    assert "/opt/check of a is not text, so it is not in the lab." in made.notes


def test_programs_that_a_lab_has_elsewhere_are_named_there() -> None:
    text = SOUND.replace(
        "/usr/bin/mysql --execute", "/usr/local/mysql/bin/mysql -h 127.0.0.1 -uroot -p123 --execute"
    )
    made, _ = _made(text, OTHER)
    assert "/usr/bin/mysql -h localhost -uroot -p123 --execute" in made.text
    assert "/usr/local/mysql/bin/mysql of a is /usr/bin/mysql here." in made.notes
    assert any("with a password at 127.0.0.1 go to localhost" in note for note in made.notes)
