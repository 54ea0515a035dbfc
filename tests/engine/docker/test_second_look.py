"""How a node is that was out of sight: read from what its shell prints, compared with what was told."""

from __future__ import annotations

from hatlab.engine.docker.second_look import LastFacts, read_look

DEVICES = {"eth0": "lan", "eth1": "heartbeat"}
OUTPUT = """\
{"service":"keepalived","state":"up","pid":41}
{"service":"mysqld","state":"down","pid":null}
strange
{"interfaces":[{"ifname":"lo","flags":["UP"],"addr_info":[{"local":"127.0.0.1"}]},\
{"ifname":"eth0@if7","flags":["BROADCAST","UP"],"addr_info":[{"local":"198.18.3.11"},{"local":"198.18.3.100"}]},\
{"ifname":"eth1","flags":["BROADCAST"],"addr_info":[]}]}
{"instances":[{"data":{"iname":"VI_1","state":2,"effective_priority":150}}]}
{"instances":[{"data":{}}]}
[[[[
"""


def test_what_a_shell_prints_is_read_as_facts() -> None:
    seen = read_look(OUTPUT, DEVICES)
    assert [(fact["kind"], *[v for k, v in fact.items() if k != "kind"]) for fact in seen] == [
        ("process", "", "keepalived", "up", 41),
        ("process", "", "mysqld", "down", None),
        ("link", "lan", True),
        ("address", "lan", "198.18.3.11", True),
        ("address", "lan", "198.18.3.100", True),
        ("link", "heartbeat", False),
        ("vrrp", "VI_1", "MASTER", 150),
    ]


def test_only_what_differs_is_news() -> None:
    last = LastFacts()
    seen = read_look(OUTPUT, DEVICES)
    for fact in seen:
        last.note(fact)
    assert last.news(seen) == []
    last.note({"kind": "process", "service": "mysqld", "state": "up"})
    last.note({"kind": "address", "network": "lan", "address": "198.18.3.101", "held": True})
    last.note({"kind": "address", "network": "lan", "address": "198.18.3.100", "held": False})
    news = last.news(seen)
    assert [(fact.get("address") or fact["service"], fact.get("held")) for fact in news] == [
        ("198.18.3.101", False),
        ("mysqld", None),
        ("198.18.3.100", True),
    ]
    assert LastFacts().news(seen) == seen
