"""`hatlab check` finds what the examples of docs/checks.md call wrong, and nothing in what they call right.

Each example is put into a file that is sound otherwise. Its lines that begin with `#` only say what stands
elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.commands.support.file_checks import check_files
from hatlab.diagnostics.rules import all_rules, codes_of
from hatlab.util.files import shipped_folder
from tests.keepalived.conf import OTHER, SOUND
from tests.support.drill_texts import DRILL
from tests.support.installed_extensions import find_in, install_example
from tests.support.lesson_texts import LESSON, VARIANTS

TOPOLOGY = """\
version: 1
title: small
description: small
networks: [lan, heartbeat]
replication: {kind: none}
nodes:
  db1: 11
  db2: 12
  db-3: 13
  db-4: 14
instances:
  VI_1:
    network: heartbeat
    vrid: 51
    auth_pass: secret
    members:
      db1: 150
      db2: 100
    addresses: {lan: [100]}
    checks: [mysql]
checks:
  mysql: {weight: -60}
clients:
  client: {network: lan, octet: 50, target: VI_1}
faults: [kill mysqld db1]
"""
SERVER = """\
virtual_server 198.18.0.100 3306 {
    lb_kind DR
    delay_loop 2
    real_server 127.0.0.1 3306 {
        notify_down "/usr/bin/systemctl restart mysqld"
        TCP_CHECK {
            connect_timeout 1
        }
    }
}
"""
GATEWAY = (shipped_folder("topologies") / "gateway.yaml").read_text(encoding="utf-8")

Files = dict[str, str]
"""Name → text; the example stands in the first."""
HERE = "# the example\n"
"""Marks the place of an example; without it, its right lines stand there already."""

MYSQL = "  mysql: {weight: -60}\n"
MAJORITY = "  majority: {quorum: [db1, db2, db-3], interval: 1, timeout: 1}\n"


def _edit(text: str, *edits: tuple[str, str]) -> str:
    """The text with each old part replaced by the new one."""
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _topology(*edits: tuple[str, str]) -> Files:
    return {"lab.yaml": _edit(TOPOLOGY, *edits)}


def _lesson(*edits: tuple[str, str]) -> Files:
    return {"small.md": _edit(LESSON, *edits)}


def _conf(*edits: tuple[str, str]) -> Files:
    return {"db1.conf": _edit(SOUND, *edits)}


def _instances(*vrids: int, weight: int = -60) -> str:
    """The topology with more instances, each named and addressed by its VRID."""
    more = "".join(
        f"  VI_{vrid - 50}:\n    network: heartbeat\n    vrid: {vrid}\n    members: {{db1: 150, db2: 100}}\n"
        f"    addresses: {{lan: [{vrid + 50}]}}\n"
        for vrid in vrids
    )
    return _edit(TOPOLOGY, ("\nchecks:\n", f"\n{more}checks:\n"), ("weight: -60", f"weight: {weight}"))


def _quorum(text: str, check: str = MAJORITY) -> str:
    """The topology of a text, whose nodes ask for a majority instead."""
    return _edit(text, ("[mysql]", "[majority]"), (MYSQL, check))


def _pair(*edits: tuple[str, str], here: str = "") -> Files:
    """The configurations of two nodes, with the place of the example in the first."""
    text = _edit(SOUND, *edits)
    other = text.replace("priority 150", "priority 100")
    for old, new in ((".11\n", ".other\n"), (".12\n", ".11\n"), (".other\n", ".12\n")):
        other = other.replace(old, new)
    return {"db1.conf": _edit(text, (here, HERE)) if here else text, "db2.conf": other}


AUTH_PASS = "    auth_pass: secret\n"
FENCE = (AUTH_PASS, f"{AUTH_PASS}    fence: super_read_only\n")
VI_2_ASKS = ("    addresses: {lan: [102]}\n", "    addresses: {lan: [102]}\n    checks: [majority]\n")
ON_GATEWAY = {"lab.yaml": GATEWAY}
ON_MYSQL = _topology((MYSQL, HERE))
ON_QUORUM = {"lab.yaml": _quorum(TOPOLOGY, HERE)}
SYNC_GROUP = {"lab.yaml": _instances(52, weight=0) + "sync_groups: {VG_1: [VI_1, VI_2]}\n"}

CHOICES = "choices: [db1, db2, nobody]\ntruth: owner\n"
EXPERT = DRILL[DRILL.index("expert:") : DRILL.index("---\n\n## The phone")]
DRILL_KIND = "kind: drill\n"
QUESTION = "\n```yaml question\nid: holder\nask: Who?\nchoices: [db1, db2]\nright: db1\n```\n"

ADVERT_INT = "    advert_int 1\n"
NOPREEMPT = "    nopreempt\n"
WEIGHT = ("        sql\n", "        sql weight -60\n")
PASSWORD = SOUND[SOUND.index("    authentication") : SOUND.index("    virtual_ip")]
VI_2 = _edit(SOUND[SOUND.index("vrrp_instance") :], ("VI_1", "VI_2"), ("id 51", "id 52"), (".100/", ".101/"))
TWO_INSTANCES = ("vrrp_instance VI_1", f"{VI_2}vrrp_instance VI_1")
ADDRESSES = "    virtual_ipaddress {\n        198.18.0.100/24 dev eth0\n"
MANY_ADDRESSES = "".join(f"        198.18.0.{octet}/24 dev eth0\n" for octet in range(2, 256))
GROUP = "vrrp_sync_group VG_1 {\n    group {\n        VI_1\n        VI_2\n    }\n}\n"
UNICAST = "    unicast_src_ip 198.18.0.11\n    unicast_peer {\n        198.18.0.12\n    }\n"
INCLUDING = {"db1.conf": "include conf.d/vrrp.conf\n", "conf.d/vrrp.conf": SOUND}
ADVERT_INT_HERE = (ADVERT_INT, HERE)
ON_ADVERT_INT = _conf(ADVERT_INT_HERE)
CHECKING = _conf(("/usr/bin/mysql --execute 'SELECT 1'", "/etc/keepalived/check.sh"))
"""A script file is the check."""
ON_SCRIPT = {"check.sh": HERE, **CHECKING}

USUAL_BASES = {
    "TP": _topology(),
    "LS": _lesson(),
    "KA": _conf(),
    "KA3": _pair(),
    "KA4": {"db1.conf": SERVER + SOUND},
}
"""What codes begin with → the files that they are looked for in."""

BASES: dict[str, Files] = {
    "TP007": {"lab.yaml": HERE},
    "TP024": _topology(("  db2: 12\n", HERE)),
    **dict.fromkeys(("TP025", "TP026", "TP044", "TP045"), ON_GATEWAY),
    "TP027": {"lab.yaml": _instances(52, 53, weight=0) + "sync_groups:\n  VG_1: [VI_1, VI_2, VI_3]\n"},
    "TP029": _topology(("    network: heartbeat\n", HERE), (AUTH_PASS, "")),
    "TP030": {"lab.yaml": _instances(52)},
    "TP031": {"lab.yaml": _edit(_instances(52), ("{db1: 150, db2: 100}", "{db-3: 150, db-4: 100}"))},
    "TP032": _topology((AUTH_PASS, HERE)),
    "TP035": _topology((AUTH_PASS, HERE)),
    "TP038": _topology(("      db2: 100\n", HERE)),
    **dict.fromkeys(("TP041", "TP050", "TP058", "TP059"), ON_MYSQL),
    "TP046": {"lab.yaml": _edit(GATEWAY, ("    track: [far] ", f"{HERE}#"))},
    "TP047": {"lab.yaml": _instances(52)},
    "TP051": _topology(("[mysql]", "[gateway]"), (MYSQL, HERE)),
    "TP052": {"lab.yaml": _edit(_quorum(_edit(_instances(52), FENCE)), VI_2_ASKS)},
    **dict.fromkeys(("TP053", "TP054", "TP055", "TP057"), ON_QUORUM),
    "TP056": {
        "lab.yaml": _edit(_quorum(TOPOLOGY), ("    checks: [", "    fence: super_read_only\n    checks: ["))
    },
    "TP061": _topology(("    members:\n      db1: 150\n      db2: 100\n", HERE)),
    **dict.fromkeys(("TP062", "TP063", "TP064"), SYNC_GROUP),
    "LS015": {"small.md": LESSON[: LESSON.index("## Kill it")] + "## Read\n\nOnly.\n"},
    "LS024": {
        **_lesson(("minutes: 5\n", f"minutes: 5\n{HERE}")),
        "basics.md": _edit(LESSON, ("small", "basics")),
    },
    "LS027": {"find-it.md": VARIANTS},
    "LS028": {"other.md": _edit(LESSON, ("id: small", "id: other")), **_lesson()},
    "LS031": _lesson(("## Look\n", HERE)),
    "LS032": {"small.md": LESSON + QUESTION},
    "LS036": _lesson(("hints:\n  - Press k.\nsolution: kill mysqld db1\n", HERE)),
    "LS040": _lesson((CHOICES, HERE)),
    "LS043": _lesson((CHOICES, f"near: 1\n{HERE}")),
    "LS045": {"small.de.md": _edit(LESSON, ("id: small", "id: small\nlanguage: de")), **_lesson()},
    "LS052": _lesson(("## Look\n", HERE)),
    "LS053": _lesson(("  - Press k.\n", HERE)),
    "LS054": {"one-way.md": _edit(DRILL, ("```yaml task\n", f"{HERE}\n```yaml task\n"))},
    "LS055": {"one-way.md": _edit(DRILL, (DRILL_KIND, HERE), (EXPERT, ""))},
    "LS056": {
        "one-way.md": _edit(DRILL, (DRILL_KIND, HERE), (EXPERT, ""), ("fault: one-way networks\n", ""))
    },
    "LS058": _lesson(("goals:", f"{HERE}goals:"), ("## Kill it\n", "## Kill it on {{node}}\n")),
    "LS057": {"small.md": f"{LESSON}\n```yaml whatif\n{HERE}```\n"},
    "KA008": INCLUDING,
    "KA009": _conf(("        198.18.0.100/24 dev eth0\n", HERE)),
    "KA010": _conf(("vrrp_instance VI_1 {\n    interface eth0\n", HERE)),
    "KA012": _conf(("vrrp_script sql", f"{HERE}vrrp_script sql")),
    "KA014": INCLUDING,
    "KA105": _conf(
        ("vrrp_script sql", "vrrp_script disk {\n    script /usr/bin/true\n}\nvrrp_script sql"),
        ("        sql\n    }\n", "        sql\n        disk\n    }\n"),
    ),
    "KA106": {"check.sh": "#!/bin/sh\nmysql --execute 'SELECT 1'\n", **CHECKING},
    **dict.fromkeys(
        ("KA120", "KA122", "KA123", "KA126", "KA127", "KA129", "KA135", "KA136", "KA144"),
        _conf(("    script \"/usr/bin/mysql --execute 'SELECT 1'\"\n", HERE)),
    ),
    "KA121": {**CHECKING, "check.sh": "#!/bin/sh\nmysql --execute 'SELECT 1'\n"},
    "KA128": _conf(("vrrp_script sql {\n", HERE)),
    **dict.fromkeys(("KA130", "KA131", "KA132", "KA133", "KA134", "KA145", "KA148"), ON_SCRIPT),
    "KA140": _conf(("    track_script {\n        sql\n    }\n", HERE)),
    **dict.fromkeys(("KA141", "KA142", "KA143"), ON_ADVERT_INT),
    "KA111": _conf(
        ("vrrp_script sql", "vrrp_track_process mysqld {\n    process mysqld\n}\nvrrp_script sql")
    ),
    "KA139": _conf(("    interval 2\n", HERE)),
    "KA114": _conf(("    interval 2\n", HERE)),
    "KA019": {"db1.conf": f"{SOUND}{HERE}}}\n"},
    "KA018": _conf(("global_defs {\n", HERE)),
    "KA115": _conf(("global_defs {\n", f"global_defs {{\n{HERE}")),
    **dict.fromkeys(("KA017", "KA109", "KA116", "KA205", "KA212", "KA217"), ON_ADVERT_INT),
    "LS059": _lesson(("topology: two-node\n", HERE)),
    "LS060": _lesson(
        ("topology: two-node\n", HERE), ("solution: kill mysqld db1\n", "solution: strike mysqld\n")
    ),
    "KA203": _conf(TWO_INSTANCES),
    "KA206": _conf(("    priority 150\n", HERE)),
    "KA207": _conf(("    priority 150\n", HERE)),
    "KA210": _conf((PASSWORD, HERE)),
    "KA213": _conf(WEIGHT),
    "KA216": _conf(TWO_INSTANCES),
    "KA218": {"db1.conf": _edit(SOUND, ("    track_script {\n        sql\n", HERE)) + VI_2 + GROUP},
    "KA230": _conf((ADDRESSES, HERE)),
    "KA231": _conf((ADDRESSES, HERE)),
    "KA232": _conf((ADDRESSES, HERE + MANY_ADDRESSES)),
    "KA234": {"db1.conf": f"{SOUND}{VI_2}{HERE}    }}\n}}\n"},
    **dict.fromkeys(("KA235", "KA238", "KA233"), _conf((PASSWORD, ""), (ADVERT_INT, HERE))),
    "KA237": _conf(("    priority 150\n", HERE)),
    "KA303": _pair((PASSWORD, ""), here=ADVERT_INT),
    "KA305": _pair((PASSWORD, ""), (ADVERT_INT, "    version 3\n    advert_int 0.5\n")),
    "KA308": _pair(WEIGHT),
    "KA250": _conf(("global_defs {\n", HERE)),
    "KA251": _conf((ADDRESSES, HERE)),
    "KA309": {
        "db1.conf": _edit(
            SOUND, ("    track_script {\n        sql\n", HERE), (ADVERT_INT, ADVERT_INT + NOPREEMPT)
        ),
        "db2.conf": _edit(OTHER, WEIGHT, (ADVERT_INT, ADVERT_INT + NOPREEMPT)),
    },
    "KA311": _pair((ADVERT_INT, UNICAST)),
    "KA312": _pair(TWO_INSTANCES),
    "KA313": {
        **_pair((ADVERT_INT, ADVERT_INT + NOPREEMPT)),
        **_conf(("    priority 150\n    advert_int 1\n", HERE)),
    },
    **dict.fromkeys(("KA320", "KA321"), _pair((ADVERT_INT, UNICAST))),
    "KA322": _pair((ADVERT_INT, UNICAST)),
    "KA323": _pair((ADVERT_INT, UNICAST.partition("\n")[2].replace(".12", ".11"))),
    "KA324": _pair((ADVERT_INT, UNICAST)),
    "KA330": {
        "db1.conf": SOUND.replace("    virtual_router_id 51\n", HERE),
        "db2.conf": _edit(SOUND, ("VI_1", "VI_9"), ("0.100/", "0.200/"), ("150", "100")),
    },
    "KA401": _conf(),
    "KA405": {
        "db1.conf": _edit(
            SERVER,
            ("127.0.0.1", "198.18.0.12"),
            ('        notify_down "/usr/bin/systemctl restart mysqld"\n', ""),
        )
        + SOUND
    },
}
"""Code → the files that it is looked for in, where they are not the usual ones."""

ALSO_FOUND: dict[str, set[str]] = {
    "TP025": {"TP045"},
    "TP056": {"TP040"},
    "LS051": {"LS042"},
    "LS054": {"LS031"},
    "LS055": {"LS030", "LS037"},
    "KA104": {"KA105"},
    "KA107": {"KA104"},
    "KA111": {"KA105"},
    "KA129": {"KA113"},
    "KA133": {"KA112"},
    "KA205": {"KA207"},
    "KA215": {"KA204"},
    "KA214": {"KA105"},
    "KA250": {"KA233"},
    "KA401": {"KA019"},
}
"""Code → what comes along with it: a check that nothing uses then, the file's name, `state MASTER`."""

FOUND_ANYWAY: dict[str, set[str]] = {
    "TP007": {"TP011"},
    "LS015": {"LS031"},
    "KA141": {"KA116"},
    "KA142": {"KA116"},
    "KA143": {"KA116"},
    "KA206": {"KA207"},
    "KA233": {"KA250"},
    **{code: {"KA331"} for code in codes_of("KA3")},
    "KA330": {"KA312"},
    **{code: {"KA401", "KA404"} for code in ("KA402", "KA403", "KA405")},
}
"""Code → what is found on the right side, too: in half a file, a step without a task, `state MASTER`, and any
virtual_server."""

EXTENDED = {"LS059", "LS060"}
"""What is found with an extension."""

UNMODELLED = {"KA017", "KA018"}
"""What a lab does not follow: found at many keywords, until the simulator learns them."""

UNTESTED = {
    "TP005": "a shell line",
    "LS005": "a shell line",
    "KA020": "a shell line",
    "KA016": "a shell line",
    "KA108": "a shell line",
    "KA113": "a shell line",
    "KA331": "a shell line",
    "KA404": "a note of how long it takes, which stands at any TCP_CHECK",
}
"""Code → why its example is not tried."""
TESTED = [code for code, rule in all_rules().items() if rule.example and code not in UNTESTED]


def test_nearly_all_rules_have_an_example() -> None:
    assert [code for code, rule in all_rules().items() if not rule.example] == ["TP006", "LS006", "KA015"]
    assert len(UNTESTED) < 10


@pytest.mark.parametrize("code", TESTED)
def test_what_an_example_calls_wrong_is_found_and_what_it_calls_right_is_not(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if code in EXTENDED:
        install_example(tmp_path)
        find_in(tmp_path, monkeypatch)
    right, wrong = _side(code, "+"), _side(code, "-")
    prefix = max((p for p in USUAL_BASES if code.startswith(p)), key=len)
    (name, text), *beside = BASES.get(code, USUAL_BASES[prefix]).items()
    place = HERE if HERE in text else right
    assert f"\n{text}".count(f"\n{place}") == 1, "the example does not stand in its base"
    before, after = text.split(place)
    aside = UNMODELLED - {code}
    sound = _codes(tmp_path / "right", {name: before + right + after, **dict(beside)}) - aside
    found = _codes(tmp_path / "wrong", {name: before + wrong + after, **dict(beside)}) - aside
    assert code not in sound
    assert found - sound == {code} | ALSO_FOUND.get(code, set())
    assert sound == FOUND_ANYWAY.get(code, set())


def _side(code: str, sign: str) -> str:
    """The lines of an example that are right (`+`) or wrong (`-`), with what stands around them."""
    lines = all_rules()[code].example.splitlines()
    return "".join(f"{line[1:]}\n" for line in lines if line[:1] in {"", " ", sign} and line[:3] != " # ")


def _codes(folder: Path, files: Files) -> set[str]:
    """The codes that `hatlab check` finds in files; one in a folder below is there to be included."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    paths = [path for path in folder.iterdir() if path.suffix in {".yaml", ".md", ".conf"}]
    checked = check_files(sorted(paths), together=len(paths) > 1)
    return {finding.code for file in checked for finding in file.findings}
