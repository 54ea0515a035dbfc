"""What an imported recording says that no single line does."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.capture_files.frame_filter import parse_filter
from hatlab.incident.brought import find_files
from hatlab.incident.recording import import_incident
from hatlab.incident.sources import find_zone
from hatlab.incident.story import CAPTURE_FILTER
from hatlab.vrrp.codec import encode

CONF = """vrrp_script chk {
    script "/bin/true"
    %s
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    track_script {
        chk
    }
    virtual_ipaddress {
        10.0.0.100
    }
}
"""
START = ("Starting VRRP child process, pid=8", "Script `chk` now returning 1", "VRRP_Script(chk) failed")


def states(folder: Path, conf: str, *lines: str) -> list[str]:
    node = folder / "db1"
    node.mkdir()
    (node / "keepalived.conf").write_text(conf)
    log = "".join(f"2026-11-30T03:12:44+00:00 db1 Keepalived_vrrp[8]: {line}\n" for line in lines)
    (node / "messages").write_text(log)
    events = import_incident(find_files([str(node)]), zone=find_zone("UTC")).events
    return [event.state for event in events if isinstance(event, e.Vrrp)]


@pytest.mark.parametrize(
    ("setting", "lines", "expected"),
    [
        ("", START, ["FAULT"]),
        ("weight -20", START, []),  # it only takes from the priority
        ("", START[1:], []),  # what it was before the log begins is not known
        ("", (START[0], "(VI_1) Entering BACKUP STATE", *START[1:]), ["BACKUP"]),  # that is told
    ],
)
def test_a_check_that_fails_at_the_start_means_fault_though_no_line_says_so(
    tmp_path: Path, setting: str, lines: tuple[str, ...], expected: list[str]
) -> None:
    assert states(tmp_path, CONF % setting, *lines) == expected


def test_a_capture_without_times_keeps_its_order(tmp_path: Path) -> None:
    node = tmp_path / "db1"
    node.mkdir()
    (node / "vip.txt").write_text(
        "".join(
            f"IP 10.0.0.1{host} > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio {priority}, length 20\n"
            for host, priority in ((1, 150), (1, 0), (2, 100))
        )
    )
    incident = import_incident(find_files([str(node)]), zone=find_zone("UTC"))
    adverts = [event.priority for event in incident.events if isinstance(event, e.Advert)]
    assert adverts == [150, 0, 100]
    assert any("Nothing here has a time" in note for note in incident.notes)


@pytest.mark.parametrize(
    ("source", "destination", "version"), [("10.0.0.11", "224.0.0.18", 2), ("fe80::b", "ff02::12", 3)]
)
def test_what_tcpdump_is_told_to_capture_has_adverts_of_both_families(
    source: str, destination: str, version: int
) -> None:
    frame = encode(
        version=version, vrid=51, priority=100, addresses=(), source=source, destination=destination
    )
    assert parse_filter(CAPTURE_FILTER)(frame)
    assert CAPTURE_FILTER in (Path(__file__).parents[2] / "docs" / "import.md").read_text()


COUNTED = "".join(
    f" 00:00:0{second}.250000 IP 10.0.0.{host} > 224.0.0.18: VRRPv2, Advertisement, vrid 51, "
    f"prio {priority}, authtype none, intvl 1s, length 20\n"
    for second, host, priority in ((0, 11, 150), (1, 11, 150), (5, 12, 100), (6, 12, 100))
).replace(" 00:00:00.25", " 00:00:00.00", 1)
LOGGED = [("40", "master set to 10.0.0.11"), ("44", "Entering MASTER STATE")]


@pytest.mark.parametrize("again", [False, True])
def test_a_capture_that_counts_from_its_start_is_set_by_its_node_s_log(tmp_path: Path, again: bool) -> None:
    node = tmp_path / "db2"
    node.mkdir()
    lines = [*LOGGED, ("50", "Entering BACKUP STATE"), ("55", "Entering MASTER STATE")] if again else LOGGED
    (node / "messages").write_text(
        "".join(f"2026-11-30T03:12:{s}+00:00 db2 Keepalived_vrrp[8]: (VI_1) {text}\n" for s, text in lines)
    )
    (node / "vip.txt").write_text(COUNTED)
    (node / "keepalived.conf").write_text(
        CONF.replace("    interface eth0", "    interface eth0\n    priority 100") % ""
    )
    incident = import_incident(find_files([str(node)]), zone=find_zone("UTC"))
    adverts = [event for event in incident.events if isinstance(event, e.Advert)]
    note = next(note for note in incident.notes if "counts its times" in note)
    if again:  # two moments are as likely
        assert not adverts
        assert "it is left out" in note
    else:
        assert "by its node's log that was 03:12:39, give or take 0.7 s" in note
        first = next(event for event in adverts if event.source == "10.0.0.12")
        assert first.at == pytest.approx(4.5, abs=first.about / 2)
        assert first.direction == "sent"


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("include conf.d/*.conf", {"keepalived.conf": "", "conf.d/vi.conf": CONF}),
        ("include /etc/keepalived/conf.d/*.conf", {"keepalived.conf": "", "conf.d/vi.conf": CONF}),
        ("include conf.d/*.conf", {"keepalived.conf": "", "vi.conf": CONF}),  # copied into one folder
        ("include ../vi/*.conf", {"etc/keepalived/keepalived.conf": "", "etc/vi/a.conf": CONF}),
        ("include conf.d/*.conf", {"a/keepalived.conf": "", "a/conf.d/x.conf": CONF, "b/conf.d/x.conf": "!"}),
    ],
)
def test_what_a_configuration_includes_is_found_however_it_was_copied(
    tmp_path: Path, line: str, files: dict[str, str]
) -> None:
    for name, text in files.items():
        file = tmp_path / "db1" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((text or f"global_defs {{\n}}\n{line}\n") % (() if "%" not in text else ""))
    incident = import_incident(find_files([str(tmp_path / "db1")]), zone=find_zone("UTC"))
    assert incident.lab.event.topology["instances"]["VI_1"]["vrid"] == 51
    assert not [note for note in incident.notes if "included" in note or "called" in note]


@pytest.mark.parametrize(
    ("hosts", "nodes"),
    [
        (("DB1.prod.example.com", "db2.prod.example.com"), {"db1", "db2"}),
        (("lab-db1-1", "lab-db2-1"), {"db1", "db2"}),  # docker compose logs
        (("lab_db1_1", "lab_db2_1"), {"db1", "db2"}),  # docker-compose logs
        (("db1-0", "db2-0"), {"db1", "db2"}),  # a StatefulSet's pods
        (("10.0.0.11", "10.0.0.12"), {"at-10-0-0-11", "at-10-0-0-12"}),
        (("db10", "db20"), {"db10", "db20"}),
    ],
)
def test_the_hosts_of_a_central_log_are_the_nodes_that_were_named(
    tmp_path: Path, hosts: tuple[str, str], nodes: set[str]
) -> None:
    for name in ("db1", "db2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "keepalived.conf").write_text(CONF % "")
    (tmp_path / "central").write_text(
        "".join(
            f"2026-11-30T03:12:4{n}+00:00 {host} Keepalived_vrrp[8]: (VI_1) Entering BACKUP STATE\n"
            for n, host in enumerate(hosts)
        )
    )
    files = find_files([str(tmp_path / "db1"), str(tmp_path / "db2"), str(tmp_path / "central")])
    incident = import_incident(files, zone=find_zone("UTC"))
    assert {event.node for event in incident.events if isinstance(event, e.Vrrp)} == nodes
    assert any("is taken for that of" in note for note in incident.notes) is (nodes == {"db1", "db2"})
