"""Every fault of a topology file at once, each with its code and place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.rules import codes_of
from hatlab.topology.file import parse_topology
from hatlab.topology.library import topology_names
from hatlab.util.files import shipped_folder

GOOD = """\
version: 1
title: small
networks: [lan, heartbeat]
nodes:
  db1: 11
  db2: {octet: 12}
instances:
  VI_1:
    network: heartbeat
    vrid: 51
    members:
      db1: 150
      db2: {priority: 100}
    addresses: {lan: [100]}
    checks: [mysql]
checks:
  mysql: {weight: -60}
clients:
  client: {network: lan, octet: 50, target: VI_1}
"""
SECOND = """\
  VI_2:
    network: heartbeat
    vrid: 51
    members: {MEMBERS}
    addresses: {lan: [101]}
checks:
"""


def codes(text: str) -> list[str]:
    return [finding.code for finding in parse_topology(text.encode()).findings]


def found(text: str) -> list[tuple[str, int, int]]:
    return [(f.code, f.line, f.column) for f in parse_topology(text.encode()).findings]


def test_a_sound_one_has_no_findings() -> None:
    examined = parse_topology(GOOD.encode())
    assert examined.findings == ()
    assert examined.topology is not None


@pytest.mark.parametrize("name", topology_names())
def test_a_shipped_one_has_no_errors(name: str) -> None:
    raw = (shipped_folder("topologies") / f"{name}.yaml").read_bytes()
    assert [f for f in parse_topology(raw).findings if f.severity == "error"] == []


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("title: small", "title: [", "TP001", 4, 1),
        ("    vrid: 51", "\tvrid: 51", "TP002", 10, 1),
        ("    vrid: 51", "    vrid: 51\n    vrid: 52", "TP003", 11, 5),
        ("title: small", "title: &a small\ndescription: *a", "TP004", 3, 14),
        ("    vrid: 51", "    vird: 51", "TP010", 10, 5),
        ("{octet: 12}", "{octett: 12}", "TP010", 6, 9),
        ("    vrid: 51\n", "", "TP011", 8, 3),
        ("vrid: 51", "vrid: 510", "TP012", 10, 11),
        ("vrid: 51", "vrid: many", "TP012", 10, 11),
        ("db1: 150", "db1: 300", "TP012", 12, 12),
        ("  db1: 11", "  db.1: 11", "TP013", 5, 3),
        ("{weight: -60}", "{ask: a'b}", "TP013", 17, 16),
        ("network: heartbeat", "network: hartbeat", "TP020", 9, 14),
        ("addresses: {lan:", "addresses: {lam:", "TP020", 14, 17),
        ("checks: [mysql]", "checks: [mysq]", "TP020", 15, 14),
        ("target: VI_1", "target: VI_2", "TP020", 19, 45),
        ("octet: 12", "octet: 11", "TP021", 6, 16),
        ("{lan: [100]}", "{lan: [100, 100]}", "TP021", 14, 28),
        ("  client:", "  db1:", "TP022", 19, 3),
        ("nodes:\n", "replication: {kind: two-sources}\nnodes:\n  db3: 13\n", "TP023", 4, 21),
        ("nodes:\n", "replication: {kind: source-replica}\nnodes:\n  db3: 13\n", "TP023", 4, 21),
        ("nodes:\n", "replication: {kind: source-replica, source: db9}\nnodes:\n", "TP020", 4, 45),
        ("{octet: 12}", "{octet: 12, networks: [lan]}", "TP024", 13, 7),
        ("    vrid: 51", "    vrid: 51\n    interval: 0.5", "TP032", 11, 15),
        ("{priority: 100}", "{priority: 100, interval: 2}", "TP033", 13, 38),
        ("{priority: 100}", "{priority: 100, auth_pass: x}", "TP034", 13, 39),
        ("{priority: 100}", "{priority: 100, auth_pass: much too long}", "TP035", 13, 39),
        ("    vrid: 51", "    vrid: 51\n    version: 3\n    auth_pass: x", "TP035", 12, 16),
        ("weight: -60", "weight: -50", "TP036", 15, 14),
        ("{priority: 100}", "{priority: 100, state: MASTER, nopreempt: true}", "TP038", 13, 54),
        ("priority: 100", "priority: 150", "TP039", 13, 23),
        ("    checks: [mysql]\n", "", "TP040", 16, 3),
        ("{weight: -60}", "{weight: -60, timeout: 3}", "TP041", 17, 33),
        ("db1: 150", "db1: 255", "TP042", 15, 14),
        ("client: {network: lan", "client: {network: heartbeat", "TP043", 19, 21),
        ("{priority: 100}", "{priority: 100, peers: unicast}", "TP060", 13, 35),
        ("      db2: {priority: 100}\n", "    peers: unicast\n", "TP061", 13, 12),
        ("checks:\n", "sync_groups: {VG_1: [VI_1, VI_3]}\nchecks:\n", "TP020", 16, 28),
        ("{weight: -60}", "{ask: SELECT 1, tcp: 3306}", "TP050", 17, 26),
        ("{weight: -60}", "{tcp: 3306, network: lan}", "TP050", 17, 22),
        ("{weight: -60}", "{network: lan}", "TP050", 17, 11),
        ("{weight: -60}", "{reach: lan.50, network: lan}", "TP050", 17, 26),
        ("{weight: -60}", "{tcp: 70000}", "TP012", 17, 16),
        ("{weight: -60}", "{process: bash}", "TP012", 17, 20),
        ("{weight: -60}", "{reach: db3}", "TP020", 17, 18),
        ("{weight: -60}", "{reach: wan.50}", "TP020", 17, 18),
        ("{weight: -60}", "{reach: 10.0.0.1}", "TP013", 17, 18),
        ("{weight: -60}", "{reach: db2, network: wan}", "TP020", 17, 32),
        ("{weight: -60}", "{reach: lan.51}", "TP051", 17, 18),
        ("{weight: -60}", "{reach: client, network: heartbeat}", "TP051", 17, 18),
        ("{weight: -60}", "{quorum: [db1, db2, client], network: heartbeat}", "TP051", 17, 30),
        ("{weight: -60}", "{quorum: [db1, db3, db2]}", "TP020", 17, 25),
        ("{weight: -60}", "{quorum: [db1, client]}", "TP053", 17, 19),
        ("{weight: -60}", "{quorum: [db1, db2]}", "TP054", 17, 19),
        ("{weight: -60}", "{quorum: [db1, db2, client]}", "TP055", 17, 30),
        ("    vrid: 51", "    vrid: 51\n    fence: super_read_only", "TP056", 11, 12),
        ("{weight: -60}", "{quorum: [db1, db2, client]}", "TP057", 17, 3),
        ("{weight: -60}", "{process: mysqld}", "TP058", 17, 11),
        ("{weight: -60}", "{fall: 1, rise: 1}", "TP059", 17, 11),
        ("    vrid: 51", "    vrid: 51\n    family: ipv6\n    version: 2", "TP029", 12, 14),
        ("    vrid: 51", "    vrid: 51\n    family: ip6", "TP012", 11, 13),
        ("{octet: 12}", "{octet: 12, gateway: db1}", "TP025", 6, 29),
        ("{octet: 12}", "{octet: 12, gateway: VI_1}", "TP025", 6, 29),
        ("{octet: 12}", "{octet: 12, gateway: db3}", "TP020", 6, 29),
        ("{priority: 100}", "{priority: 100, network: wan}", "TP020", 13, 37),
        ("{octet: 12}", "{octet: 12, files: {/opt/a.sh: 5}}", "TP012", 6, 39),
        ("{octet: 12}", "{octet: 12, files: {opt/a.sh: x}}", "TP012", 6, 28),
        ("{octet: 12}", "{octet: 12, files: {/opt/../etc/x: x}}", "TP012", 6, 28),
        ("{octet: 12}", "{octet: 12, files: {/proc/sys/vm/swappiness: x}}", "TP012", 6, 28),
        ("{octet: 12}", "{octet: 12, files: {/etc/keepalived/keepalived.conf: x}}", "TP012", 6, 28),
        ("{octet: 12}", "{octet: 12, files: {/opt/a.sh: {content: x, mode: 0755}}}", "TP012", 6, 58),
        ("{octet: 12}", '{octet: 12, files: {/opt/a.sh: {content: x, mode: "4755"}}}', "TP013", 6, 58),
        ("{octet: 12}", "{octet: 12, files: {/opt/a.sh: {mode: '0755'}}}", "TP011", 6, 28),
        ("{octet: 12}", '{octet: 12, files: {/opt/a.sh: "a\\0"}}', "TP013", 6, 39),
    ],
)
def test_one_mistake_is_found_at_its_place(old: str, new: str, code: str, line: int, column: int) -> None:
    assert old in GOOD
    assert (code, line, column) in found(GOOD.replace(old, new, 1))


def test_two_instances_may_have_one_address() -> None:
    second = SECOND.replace("MEMBERS", "db1: 150, db2: 100").replace("[101]", "[100]").replace("51", "52")
    assert found(GOOD.replace("checks:\n  mysql", f"{second}  mysql")) == [("TP047", 20, 23)]


def test_the_files_of_a_node_have_a_limit_together() -> None:
    files = f"{{/a: {'x' * 40_000}, /b: {'y' * 40_000}}}"
    assert found(GOOD.replace("{octet: 12}", f"{{octet: 12, files: {files}}}")) == [("TP012", 6, 27)]


GATEWAY = (shipped_folder("topologies") / "gateway.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("{r1: 150,", "{server: 10, r1: 150,", "TP025", 21, 15),
        ("{octet: 12, service: router}", "{octet: 12, service: router, gateway: GW}", "TP025", 13, 45),
        ("gateway: GW}", "gateway: GW, conf: x}", "TP025", 14, 74),
        ("{ping: server}", "{ping: r1}", "TP025", 26, 63),
        ("{ping: server}", "{ping: sever}", "TP020", 26, 63),
        ("gateway: GW}", "gateway: GV}", "TP020", 14, 64),
        ("{ping: server}}", "{ping: server}, writes: 2}", "TP026", 26, 80),
        (", gateway: GW}", "}", "TP044", 14, 3),
        ("far: [100]}", "}", "TP044", 14, 64),
        ("networks: [far]", "networks: [lan]", "TP045", 26, 63),
        ("    track: [far]", "    checks: [ask]\nchecks:\n  ask: {}\n#", "TP046", 23, 14),
    ],
)
def test_one_mistake_of_a_gateway_is_found(old: str, new: str, code: str, line: int, column: int) -> None:
    assert old in GATEWAY
    assert (code, line, column) in found(GATEWAY.replace(old, new, 1))


def test_what_is_no_text_or_no_mapping() -> None:
    assert found("") == [("TP007", 1, 1)]
    assert found("- a\n") == [("TP007", 1, 1)]
    (finding,) = parse_topology(b"a: 1\nb: \xff\n").findings
    assert (finding.code, finding.line, finding.column) == ("TP005", 2, 4)
    assert found("a" * 1_000_001) == [("TP006", 1, 1)]
    assert found("a: " + "[" * 500 + "]" * 500) == [("TP006", 1, 43)]


def test_shared_vrids_and_nopreempt_everywhere_are_found() -> None:
    for members, code in (("{db1: 1, db2: 2}", "TP030"), ("{db3: 1, db4: 2}", "TP031")):
        text = GOOD.replace("checks:\n  m", SECOND + "  m").replace("{MEMBERS}", members)
        text = text.replace("nodes:\n", "nodes:\n  db3: 13\n  db4: 14\n")
        assert codes(text) == [code]
    text = GOOD.replace("db1: 150", "db1: {priority: 150, nopreempt: true}")
    assert codes(text.replace("priority: 100", "priority: 100, nopreempt: true")) == ["TP037"]
    assert codes(text) == []


def test_members_of_a_sync_group_that_do_not_fit_are_found() -> None:
    second = SECOND.replace("51", "52").replace("{MEMBERS}", "{db1: 150, db2: 100}")
    text = GOOD.replace("checks:\n  m", second + "  m").replace("{weight: -60}", "{}")
    text = text.replace("checks:\n  m", "sync_groups:\n  VG_1: [VI_1, VI_2]\nchecks:\n  m")
    assert codes(text) == []
    for old, new, code in (
        ("VI_2]\n", "VI_2]\n  VG_2: [VI_2, VI_1]\n", "TP027"),
        ("mysql: {}", "mysql: {weight: -60}", "TP062"),
        ("{db1: 150, db2: 100}", "{db1: 100, db2: 150}", "TP063"),
        ("{db1: 150, db2: 100}", "{db1: 150}", "TP064"),
        ("[VI_1, VI_2]", "[VI_1]", "TP012"),
    ):
        assert code in codes(text.replace(old, new, 1)), code


def test_one_instance_fences_a_node() -> None:
    text = GOOD.replace("    vrid: 51", "    vrid: 51\n    fence: super_read_only")
    second = SECOND.replace("vrid: 51", "vrid: 52\n    fence: super_read_only").replace("MEMBERS", "db2: 1")
    assert ("TP052", 20, 12) in found(text.replace("checks:\n  m", second + "  m"))


def test_a_quorum_that_is_counted_in_time() -> None:
    quorum = "{quorum: [db1, db2, db3], network: heartbeat, interval: 1, timeout: 1}"
    text = GOOD.replace("{weight: -60}", quorum).replace("nodes:\n", "nodes:\n  db3: 13\n")
    assert codes(text) == []
    assert codes(text.replace("timeout: 1", "timeout: 1, fall: 4")) == ["TP057"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("faults: [kill mysqld db1, cut lan, address delete db1 .100, set db2 priority 9]\n", []),
        ("faults:\n  - kil mysqld db1\n", [("TP028", 2, 5, "unknown action 'kil': did you mean 'kill'?")]),
        (
            "faults:\n  - cut lan\n  - cut lam\n",
            [("TP028", 3, 5, "there is no network 'lam': did you mean 'lan'?")],
        ),
        ("faults: [reset]\n", [("TP028", 1, 10, "'reset' is not a fault")]),
        ("faults: [sql db1 x]\n", [("TP028", 1, 10, "'sql' is not a fault: write it under `sql`")]),
        (
            "faults: [edit db1 /etc/passwd]\n",
            [("TP028", 1, 10, "'edit' is not a fault: write it under `conf` of the node")],
        ),
        ("sql: {db1: [SELECT 1, SELECT 2]}\n", []),
        ("sql:\n  db3: [SELECT 1]\n", [("TP020", 2, 3, "sql uses node 'db3', which is not defined")]),
    ],
)
def test_initial_faults_can_be_done(text: str, wrong: list[tuple[str, int, int, str]]) -> None:
    above = len(GOOD.splitlines())
    findings = parse_topology((GOOD + text).encode()).findings
    assert [(f.code, f.line - above, f.column, f.message) for f in findings] == wrong


def test_an_empty_statement_is_refused() -> None:
    [finding] = parse_topology((GOOD + "sql:\n  db1: ['']\n").encode()).findings
    assert finding.code == "TP012"
    assert "at least 1 character" in finding.message


def test_start_sql_needs_a_mysqld() -> None:
    text = GOOD.replace("db1: 11", "db1: {octet: 11, service: router}") + "sql: {db1: [SELECT 1]}\n"
    assert "TP025" in codes(text)


def test_all_mistakes_are_found_at_once() -> None:
    text = GOOD.replace("octet: 12", "octet: 999").replace("vrid: 51", "vird: 51")
    text = text.replace("[mysql]", "[mysq]").replace("network: lan,", "network: lam,")
    text = text.replace("weight: -60", "wait: 1")
    assert found(text) == [
        ("TP012", 6, 16),
        ("TP010", 10, 5),
        ("TP020", 15, 14),
        ("TP010", 17, 11),
        ("TP020", 19, 21),
    ]


def test_a_suggestion_names_the_near_word() -> None:
    texts = [GOOD.replace("priority: 100", "prioirty: 100"), GOOD.replace("[mysql]", "[mysq]")]
    messages = [finding.message for text in texts for finding in parse_topology(text.encode()).findings]
    assert "unknown key `prioirty`; did you mean `priority`?" in messages
    assert any(message.endswith("did you mean `mysql`?") for message in messages)


def test_what_is_left_out_is_not_missed() -> None:
    """A node with a fault is still a node: references to it are fine."""
    assert codes(GOOD.replace("db1: 11", "db1: 999")) == ["TP012"]
    assert codes(GOOD.replace("{weight: -60}", "{weight: 999}")) == ["TP012"]
    assert codes(GOOD.replace("networks: [lan, heartbeat]", "networks: [lan, heartbeat, 7]")) == ["TP012"]


def test_every_rule_is_tested() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in codes_of("TP") if f'"{code}"' not in source] == []


LINES = st.lists(st.sampled_from(GOOD.splitlines(keepends=True)), max_size=25).map("".join)
WORDS = st.lists(
    st.sampled_from(
        [*"[]{}:,-&*!|>'\"#%@`", "\n", "\n  ", " ", ": ", "- ", "\t", "a", "1", "nodes", "!!int", "<<"]
    ),
    max_size=40,
).map("".join)


@given(LINES | WORDS | st.text(max_size=100))
def test_no_text_breaks_it(text: str) -> None:
    _sound(list(parse_topology(text.encode("utf-8", "surrogatepass")).findings), text)
    _sound(list(parse_topology((GOOD + text).encode("utf-8", "surrogatepass")).findings), GOOD + text)


@given(st.binary(max_size=100), st.integers(0, len(GOOD)))
def test_no_bytes_break_it(raw: bytes, at: int) -> None:
    parse_topology(raw)
    parse_topology(GOOD[:at].encode() + raw + GOOD[at:].encode())


def _sound(findings: list[Finding], text: str) -> None:
    for finding in findings:
        assert finding.line >= 1
        assert finding.column >= 1
        assert "\n" not in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 400_000,
        "{" * 400_000,
        "- " * 400_000,
        "".join(f"k{n}: 1\n" for n in range(60_000)),
        GOOD.replace("nodes:\n", "nodes:\n" + "".join(f"  n{n}: {n}\n" for n in range(20_000))),
        GOOD.replace("[mysql]", "[" + "mysq," * 20_000 + "]"),
        "title: " + "9" * 100_000,
        '"' + "\\x41" * 200_000 + '": 1',
        "? " * 300_000,
        "&a " * 200_000,
    ],
    ids=range(10),
)
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    parse_topology(text.encode())
    assert time.process_time() - before < 8, "a quadratic reading, not a slow machine"
