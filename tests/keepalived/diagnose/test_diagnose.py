"""Every code is found where it should be, and nothing is found in what is sound."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.rules import codes_of
from hatlab.keepalived import write_config
from hatlab.keepalived.diagnose import ScriptFile, diagnose_config
from hatlab.keepalived.keywords import KEYWORDS
from hatlab.topology import Layout
from hatlab.topology.library import load_topology
from tests.keepalived.blog import NODE_1, NODE_2, SCRIPT
from tests.keepalived.conf import OTHER, SOUND
from tests.keepalived.diagnose.test_pairs import PEERS
from tests.keepalived.diagnose.test_scripts import LINES, NOTIFIES, SCRIPTS
from tests.keepalived.test_preprocessor import ATOMS


def _sound(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new, 1)


ONE: list[tuple[str, str, str]] = [
    ("KA001", "    track_script {\n        sql\n    }\n}\n", "    track_script {\n        sql\n"),
    ("KA002", "vrrp_script sql", "}\nvrrp_script sql"),
    ("KA003", "'SELECT 1'\"", "'SELECT 1'"),
    (
        "KA004",
        "authentication {\n        auth_type PASS\n        auth_pass secret\n    }",
        "authentication { auth_type PASS auth_pass secret }",
    ),
    ("KA005", "advert_int 1", "advert_in 1"),
    ("KA006", "vrrp_instance VI_1 {", "vrrp_instance VI_1{"),
    ("KA007", "priority 150", "priority 300"),
    ("KA007", "virtual_router_id 51", "virtual_router_id"),
    ("KA007", "interval 2", "interval two"),
    ("KA007", "vrrp_script sql {", "vrrp_script {"),
    ("KA009", "priority 150", "~SEQ(i, x) priority $i"),
    ("KA009", "vrrp_instance VI_1", "$VIP = 192.0.2.1\nvrrp_instance VI_1"),
    ("KA010", "priority 150", "priority $PRIORITY"),
    ("KA215", "virtual_ipaddress {", "virtual_ipaddress {\n$VIP dev eth0"),
    ("KA215", "virtual_ipaddress {", "virtual_ipaddress {\n${VIP}"),
    ("KA010", "virtual_ipaddress {", "virtual_ipaddress {\n192.0.2.1/24 dev $LAN"),
    ("KA011", "authentication {", "authentication\nauth_type PASS\n{"),
    ("KA011", "priority 150", "priority 150 {\n}"),
    ("KA012", "vrrp_script sql", "vrrp_track_file f {\n}\nvrrp_script sql"),
    ("KA013", "priority 150", "priority 150\npriority 120"),
    ("KA016", "priority 150", "@db1 priority 150\n@db2 priority 100"),
    ("KA017", "advert_int 1", "virtual_routes {\n192.168.9.0/24 via 198.18.0.1\n}"),
    ("KA019", "vrrp_script sql", "track_file f {\n}\nvrrp_script sql"),
    ("KA018", "script_user root", "script_user root\nsmtp_server 198.18.0.25"),
    ("KA101", "script_user root", "router_id db1"),
    ("KA102", "enable_script_security", "router_id db1"),
    ("KA103", "/usr/bin/mysql", "/bin/mysql"),
    ("KA104", "        sql\n", "        sqll\n"),
    ("KA105", "    track_script {\n        sql\n    }\n", ""),
    ("KA107", "    script \"/usr/bin/mysql --execute 'SELECT 1'\"\n", ""),
    ("KA109", "advert_int 1", "notify_fault \"/usr/bin/sh -c 'echo x | sudo -S reboot'\""),
    ("KA110", "advert_int 1", 'notify_fault "/usr/bin/systemctl stop keepalived"'),
    ("KA111", "track_script {\n        sql", "track_process {\n        sql"),
    ("KA112", "/usr/bin/mysql --execute 'SELECT 1'", "/usr/bin/killall -0 mysqld"),
    ("KA113", "/usr/bin/mysql --execute 'SELECT 1'", "/etc/keepalived/check.sh"),
    ("KA114", "interval 2", "interval 2\ntimeout 5"),
    ("KA139", "interval 2", "interval 10\nfall 3"),
    ("KA115", "script_user root", "script_user root\nnotify_fifo /run/f\nvrrp_notify_fifo /run/f"),
    ("KA116", "advert_int 1", 'notify_backup "/usr/local/bin/fence.sh"'),
    ("KA201", "    interface eth0\n", ""),
    ("KA202", "    virtual_router_id 51\n", ""),
    ("KA203", "vrrp_script sql", SOUND[SOUND.index("vrrp_inst") :].replace("VI_1", "B") + "vrrp_script sql"),
    ("KA204", "        198.18.0.100/24 dev eth0\n", ""),
    ("KA205", "advert_int 1", "state MASTER\nnopreempt"),
    ("KA206", "priority 150", "state MASTER"),
    ("KA207", "advert_int 1", "state MASTER"),
    ("KA208", "auth_pass secret", "auth_pass much_too_long"),
    ("KA209", "        auth_pass secret\n", ""),
    ("KA210", "advert_int 1", "version 3"),
    ("KA211", "advert_int 1", "advert_int 0.5"),
    ("KA212", "advert_int 1", "nopreempt\npreempt_delay 5"),
    ("KA213", "priority 150", "priority 255\ntrack_script {\nsql weight -5\n}"),
    ("KA214", "    track_script {\n        sql\n    }\n", ""),
    ("KA215", "198.18.0.100/24", "198.18.0.300/24"),
    ("KA216", "vrrp_script sql", "vrrp_script sql {\nscript /usr/bin/true\n}\nvrrp_script sql"),
    ("KA216", "vrrp_script sql", "vrrp_sync_group G {\ngroup {\nVI_2\n}\n}\nvrrp_script sql"),
    ("KA217", "advert_int 1", "state SLAVE"),
    ("KA230", "dev eth0\n", "dev eth0\n198.18.0.100\n"),
    ("KA231", "dev eth0\n", "dev eth0\nfd00::100/64\n"),
    ("KA251", "dev eth0\n", "dev eth0\n198.18.0.101/24 dev lo\n"),
    ("KA232", "dev eth0\n", "dev eth0\n" + "".join(f"198.18.1.{octet}\n" for octet in range(255))),
    ("KA233", "advert_int 1", "strict_mode\npreempt_delay 60"),
    ("KA234", "vrrp_script sql", "vrrp_sync_group G {\ngroup {\nVI_1\n}\n}\nvrrp_script sql"),
    ("KA235", "advert_int 1", "version 3\nadvert_int 41"),
    ("KA236", "interface eth0", "interface lo"),
    ("KA237", "priority 150", "priority 255\nnopreempt"),
    ("KA238", "advert_int 1", "version 3\nversion 2"),
    ("KA401", "vrrp_script sql", "virtual_server 198.18.0.100 3306 {\n}\nvrrp_script sql"),
    ("KA403", "vrrp_script sql", "virtual_server 198.18.0.101 3306 {\n}\nvrrp_script sql"),
    (
        "KA405",
        "vrrp_script sql",
        "virtual_server 198.18.0.100 1 {\nreal_server 1.1.1.1 1 {\n}\n}\nvrrp_script sql",
    ),
]
PAIR: list[tuple[str, str, str]] = [
    ("KA301", "virtual_router_id 51", "virtual_router_id 52"),
    ("KA302", "auth_pass secret", "auth_pass other"),
    ("KA303", "advert_int 1", "version 3"),
    ("KA304", "advert_int 1", "advert_int 2"),
    ("KA306", "198.18.0.100/24", "198.18.0.101/24"),
    ("KA306", "        198.18.0.100/24 dev eth0\n", "        198.18.0.100/24\n198.18.0.101/24\n"),
    ("KA307", "priority 150", "priority 100"),
    ("KA308", "        sql\n", "        sql weight -50\n"),
    ("KA308", "interval 2", "interval 2\nweight 20"),
    ("KA310", "advert_int 1", "unicast_peer {\n198.18.0.12\n}"),
]


def _codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def test_a_sound_file_and_a_sound_pair_are_fine() -> None:
    assert diagnose_config(SOUND) == []
    assert diagnose_config(SOUND, OTHER) == []
    assert diagnose_config(OTHER, SOUND) == []


@pytest.mark.parametrize(("code", "old", "new"), ONE)
def test_each_rule_about_one_file_finds_its_mistake(code: str, old: str, new: str) -> None:
    text = _sound(old, new)
    found = [finding for finding in diagnose_config(text) if finding.code == code]
    assert found
    assert all(1 <= f.line <= text.count("\n") + 1 for f in found)
    assert all(f.column <= len(text.splitlines()[f.line - 1]) + 1 for f in found)


@pytest.mark.parametrize(("code", "old", "new"), PAIR)
def test_each_rule_about_a_pair_finds_its_mistake(code: str, old: str, new: str) -> None:
    text = _sound(old, new)
    assert code not in _codes(diagnose_config(text))
    assert code in _codes(diagnose_config(text, OTHER))


def test_different_intervals_in_version_3_are_found() -> None:
    text = SOUND.replace("    advert_int 1\n", "    version 3\n    advert_int 0.5\n")
    assert "KA305" in _codes(diagnose_config(text, text.replace("0.5", "0.2").replace("150", "100")))


def test_nopreempt_on_both_with_a_weight_and_on_one_alone() -> None:
    both = [
        t.replace("advert_int 1", "nopreempt").replace("  sql\n", "  sql weight -60\n")
        for t in (SOUND, OTHER)
    ]
    assert "KA309" in _codes(diagnose_config(*both))
    assert "KA309" not in _codes(diagnose_config(both[0], OTHER))


def test_a_weight_in_a_sync_group() -> None:
    group = "vrrp_sync_group VG_1 {\n    group {\n        VI_1\n    }\n}\n"
    text = _sound("        sql\n", "        sql weight -60\n")
    assert "KA218" not in _codes(diagnose_config(text))
    assert "KA218" not in _codes(diagnose_config(SOUND + group))
    assert "KA218" in _codes(diagnose_config(text + group))
    counted = group.replace("group {\n        VI", "sync_group_tracking_weight\n    group {\n        VI")
    assert "KA218" not in _codes(diagnose_config(text + counted))


def test_unicast_peers_that_do_not_name_one_another() -> None:
    here = "unicast_src_ip 1.1.1.1\nunicast_peer {\n1.1.1.2\n}"
    there = "unicast_src_ip 1.1.1.3\nunicast_peer {\n1.1.1.1\n}"
    pair = [t.replace("advert_int 1", u) for t, u in ((SOUND, here), (OTHER, there))]
    assert "KA311" in _codes(diagnose_config(*pair))
    assert "KA311" not in _codes(diagnose_config(*reversed(pair)))


def test_an_instance_without_a_partner() -> None:
    second = SOUND[SOUND.index("vrrp_instance") :].replace("VI_1", "VI_2").replace("51", "52")
    assert "KA312" in _codes(diagnose_config(SOUND + second, OTHER))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (ScriptFile("mysqladmin ping\n", 0o755), "KA106"),
        (ScriptFile("#!/bin/sh\nmysqladmin ping\n", 0o644), "KA108"),
        (ScriptFile("#!/bin/sh\nmysqladmin ping\n", 0o777), "KA108"),
        (ScriptFile("#!/bin/sh\npidof mysqld\n", 0o755), "KA112"),
        (ScriptFile("#!/bin/sh\nmysqladmin ping\n", 0o755), None),
    ],
)
def test_a_known_script_s_text_and_mode_are_checked(file: ScriptFile, code: str | None) -> None:
    text = _sound("/usr/bin/mysql --execute 'SELECT 1'", "/etc/keepalived/check.sh")
    findings = diagnose_config(text, scripts={"/etc/keepalived/check.sh": file})
    assert _codes(findings) == ({code} if code else set())


def test_includes_that_lead_nowhere() -> None:
    def nothing(pattern: str, origin: str) -> list[tuple[str, str]]:
        raise OSError(f"no file matches {pattern}")

    (found,) = diagnose_config("include conf.d/*.conf\n" + SOUND, include=nothing)
    assert (found.code, found.line, found.column) == ("KA008", 1, 9)


def test_lines_for_a_configuration_id() -> None:
    text = _sound("advert_int 1", "@db1 advert_int 0.5\n@db2 advert_int 1")
    assert [_codes(diagnose_config(text, config_id=name)) for name in ("db1", "db2", "")] == [
        {"KA211"},
        set(),
        {"KA016"},
    ]


def test_the_blog_s_configuration_yields_everything_that_is_wrong_with_it() -> None:
    first = {(f.line, f.code) for f in diagnose_config(NODE_1, NODE_2, scripts=SCRIPT)}
    second = {(f.line, f.code) for f in diagnose_config(NODE_2, NODE_1, scripts=SCRIPT)}

    def line(text: str, part: str) -> int:
        return text[: text.index(part)].count("\n") + 1

    script, check = line(NODE_1, "notify_down"), line(NODE_1, "TCP_CHECK")
    assert first == {
        (2, "KA214"),
        (3, "KA207"),
        (line(NODE_1, "nopreempt"), "KA205"),
        (line(NODE_1, "192.168.41.222"), "KA306"),
        (line(NODE_1, "virtual_server"), "KA401"),
        (line(NODE_1, "virtual_server"), "KA403"),
        (line(NODE_1, "real_server"), "KA402"),
        *((script, code) for code in ("KA101", "KA102", "KA106", "KA109", "KA110", "KA113")),
        (check, "KA404"),
        (line(NODE_1, "nb_get_retry"), "KA005"),
    }
    brace = {(line(NODE_2, "3306{"), "KA006"), (line(NODE_2, "TCP_CHECK{"), "KA006")}
    assert brace <= second
    assert {code for _, code in second - brace} == {code for _, code in first} - {"KA205", "KA207", "KA403"}
    unknown = next(f for f in diagnose_config(NODE_1) if f.code == "KA005")
    assert "HTTP_GET" in unknown.message
    assert "falls back to 1" in unknown.effect
    wait = next(f for f in diagnose_config(NODE_1) if f.code == "KA404")
    assert "3 to 5 s" in wait.message


def test_what_hatlab_writes_is_sound() -> None:
    layout = Layout.numbered("two-node", load_topology("two-node"))
    texts = [write_config(layout, node, {"lan": "eth1", "heartbeat": "eth0"}) for node in layout.node_names]
    assert [f for f in diagnose_config(*texts) if f.severity != "note"] == []
    assert [f for f in diagnose_config(*reversed(texts)) if f.severity != "note"] == []


def test_every_rule_is_tested() -> None:
    elsewhere = {"KA008", "KA020", "KA014", "KA015", "KA106", "KA108", "KA218"}
    elsewhere |= {"KA121", "KA140", "KA141", "KA142", "KA143"}
    elsewhere |= {"KA305", "KA309", "KA311", "KA312", "KA402", "KA404"}
    elsewhere |= {"KA250", "KA313", "KA330", "KA331"}
    elsewhere |= {code for codes, *_ in PEERS for code in codes}
    tables = (*ONE, *PAIR, *LINES, *NOTIFIES, *SCRIPTS)
    assert {code for code, *_ in tables} | elsewhere == set(codes_of("KA"))
    assert _codes(diagnose_config("# nothing\n")) == {"KA014"}


def test_each_keyword_stands_in_a_block_that_is_one() -> None:
    for block in KEYWORDS:
        outer, _, name = block.rpartition("/")
        homes = [b for b in KEYWORDS if (b.rpartition("/")[2] or b) == outer] if outer else [""]
        assert not name or any(name in KEYWORDS[home] for home in homes), block


VOCABULARY = sorted({word for words in KEYWORDS.values() for word in words})


def _texts() -> st.SearchStrategy[str]:
    words = st.sampled_from(
        [*VOCABULARY, "{", "{", "}", "}", "\n", "\n", "1", "300", "-5", "x", "1.1.1.1/24", '"']
    )
    return st.one_of(
        st.lists(words, max_size=60).map(" ".join),
        st.lists(ATOMS, max_size=40).map("".join),
        st.text(max_size=80),
    )


@given(_texts(), _texts())
def test_no_text_raises(text: str, peer: str) -> None:
    blocks = (
        "vrrp_instance A",
        "global_defs",
        "vrrp_sync_group G",
        "virtual_server 1.1.1.1 1",
        "track_file f",
    )
    lists = ("virtual_ipaddress", "unicast_peer", "track_interface")
    inside = [f"{block} {{\n{text}\n}}\n" for block in blocks]
    inside += [f"vrrp_instance A {{\n{name} {{\n{text}\n}}\n}}\n" for name in lists]
    for whole in (text, *inside):
        for found in diagnose_config(whole, peer, SOUND, scripts=SCRIPT):
            assert found.line >= 1
            assert found.column >= 1
            assert "\n" not in found.message


def _long() -> Iterator[str]:
    yield "vrrp_instance A {\n" + "priority 1\n" * 20_000 + "}"
    yield "".join(f"vrrp_instance A{n} {{\nvirtual_router_id 1\ninterface e\n}}\n" for n in range(2_000))
    yield "a b c d e f g\n" * 20_000
    yield "vrrp_instance A {\ntrack_script {\n" + "x\n" * 20_000 + "}\n}"
    addresses = "".join(f"10.0.{n // 250}.{n % 250}\n" for n in range(10_000))
    yield f"vrrp_instance A {{\nvirtual_ipaddress {{\n{addresses}}}\n}}"
    yield "".join(f"vrrp_sync_group G{n} {{\ngroup {{\nA{n}\n}}\n}}\n" for n in range(3_000))


@pytest.mark.parametrize("text", _long(), ids=range(6))
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    diagnose_config(text, text)
    assert time.process_time() - before < 8, "a quadratic rule, not a slow machine"
