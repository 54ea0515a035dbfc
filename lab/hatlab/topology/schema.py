"""The JSON Schema of topology files, for completion and hover help in editors."""

from __future__ import annotations

from typing import Any

from hatlab.topology import Topology

DESCRIPTIONS = {
    "Topology": {
        "version": "The version of this format: 1.",
        "title": "One line that says what the lab is.",
        "description": "What it shows; shown when it starts.",
        "networks": "Names of the networks; each is a /24 of its own, picked free when the lab starts.",
        "nodes": "Machines: name → last octet of its address on every network. Or more of that node.",
        "instances": "Virtual routers (keepalived's vrrp_instance), by name.",
        "sync_groups": "Instances that change state together (vrrp_sync_group): name → instances.",
        "checks": "What a node asks itself and others to know whether it is fit (vrrp_script), by name.",
        "replication": "Who replicates from whom.",
        "clients": "Programs that use a virtual address and say how that went, by name.",
        "sql": "node → statements that its mysqld runs, in this order, before the lab is ready.",
        "faults": "Actions, as in scripts but without a time, done before the lab is ready.",
    },
    "NodeSpec": {
        "octet": "Last octet of its address on each of its networks, 2 to 254.",
        "service": "mysql: mysqld and keepalived; router: forwards between its networks, keepalived alone; "
        "host: neither, it answers ping.",
        "gateway": "Of a host: the instance by whose virtual address it reaches networks it is not on.",
        "networks": "The networks it is on; all if not given.",
        "conf": "Its keepalived.conf, in place of the generated one: networks stand for interfaces, "
        "NETWORK.OCTET for addresses.",
    },
    "Instance": {
        "network": "Where its adverts travel.",
        "vrid": "The virtual router's number, 1 to 255; no other router on this network may have it.",
        "members": "node → priority (1 to 255); the highest becomes Master. Or more settings of that node.",
        "addresses": "network → last octets of the virtual addresses that the Master holds there.",
        "version": "VRRP version 2 or 3.",
        "interval": "Seconds between adverts; version 2 carries whole ones, version 3 hundredths.",
        "auth_pass": "The password in adverts of version 2: at most 8 characters, readable on the wire.",
        "checks": "Checks it depends on: a failed one of weight 0 means FAULT.",
        "fence": "super_read_only: a node's mysqld takes writes only while it is Master of this instance.",
        "track": "Networks whose interface must be up too.",
        "peers": "multicast: adverts go to 224.0.0.18. unicast: to each other member's own address, for "
        "clouds and switches that drop multicast.",
        "garp": "How often a Master announces its addresses; keepalived's garp_ settings.",
    },
    "Garp": {
        "master_delay": "Seconds from becoming Master to the second announcement; 0: none. keepalived: 5.",
        "master_repeat": "Gratuitous ARPs in each announcement. keepalived: 5.",
        "master_refresh": "Seconds from one refresh to the next; 0: none. keepalived: 0.",
        "master_refresh_repeat": "Gratuitous ARPs in each refresh. keepalived: 1.",
        "lower_prio_delay": "Seconds to the second announcement after a lower priority. keepalived: 5.",
        "lower_prio_repeat": "Gratuitous ARPs after hearing a lower priority; 0: none. keepalived: 5.",
    },
    "Member": {
        "priority": "1 to 255; the highest becomes Master.",
        "state": "How keepalived starts: BACKUP. MASTER only clears nopreempt and preempt_delay.",
        "nopreempt": "Do not take over from a living Master of lower priority.",
        "preempt_delay": "Seconds to wait before taking over from a lower priority.",
        "auth_pass": "A password of its own, to show a mismatch.",
        "interval": "An interval of its own, to show a mismatch.",
        "peers": "multicast or unicast for this member alone, to show a mismatch.",
    },
    "Check": {
        "ask": "A SQL question to the node's own mysqld; an error or no answer counts as failed. "
        "Without any kind: SELECT 1.",
        "tcp": "A port of the node that must accept a connection; nothing is asked there.",
        "process": "A process of the node that must exist, alive or frozen.",
        "reach": "A node, a client or NETWORK.OCTET that must answer a ping.",
        "quorum": "Voters, by name: more than half must answer a ping, the node itself counted. A witness is "
        "a voter that is no member of the instance. Best an odd number.",
        "network": "Where `reach` and `quorum` ask; the first common network if not given.",
        "interval": "Seconds from one run to the next.",
        "timeout": "Seconds until a hanging run counts as failed.",
        "fall": "Failed runs until it counts as down.",
        "rise": "Good runs until it counts as up again.",
        "weight": "Added to the priority, or taken off while it fails if negative; 0: a failure means FAULT.",
    },
    "ReplicationSpec": {
        "kind": "two-sources: each of two nodes replicates from the other. source-replica: one from the "
        "other, and takes no writes.",
        "source": "Of source-replica: the node that is written to; the first if not given.",
        "network": "The network that replication uses.",
    },
    "ClientSpec": {
        "network": "The network it is on.",
        "octet": "Last octet of its address.",
        "target": "The instance whose virtual address it asks, or has as its gateway if it pings.",
        "probe": "What it tries: a login to mysqld if not given.",
        "rate": "Questions a second, each on a new connection.",
        "writes": "Numbered rows written a second; 0 for none, as for a client that pings.",
        "workload": "insert: a write is a numbered row. update: it also adds 1 to the balance of account 1.",
    },
    "ProbeSpec": {
        "ping": "The host that it pings through its target's virtual address.",
    },
}
"""What each key means, by class of the model: the hover help."""


def topology_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a topology file, short forms included."""
    schema = Topology.model_json_schema()
    classes = {"Topology": schema, **schema["$defs"]}
    for name, each in classes.items():
        each.pop("title", None)
        for key, described in each.get("properties", {}).items():
            described.pop("title", None)
            if text := DESCRIPTIONS.get(name, {}).get(key):
                described["description"] = text
            _close(described)
    _allow_number(classes, "Topology", "nodes", "NodeSpec", "octet")
    _allow_number(classes, "Instance", "members", "Member", "priority")
    networks = schema["properties"]["networks"]
    mapping = {key: networks.pop(key) for key in list(networks) if key != "description"}
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
    networks["anyOf"] = [names, mapping]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "hatlab topology", **schema}


def _close(mapping: dict[str, Any]) -> None:
    """A mapping of names: no other names, and limits that JSON Schema knows under other words."""
    if "patternProperties" in mapping:
        mapping["additionalProperties"] = False
        for ours, theirs in (("minLength", "minProperties"), ("maxLength", "maxProperties")):
            if ours in mapping:
                mapping[theirs] = mapping.pop(ours)


def _allow_number(classes: dict[str, Any], owner: str, mapping: str, name: str, key: str) -> None:
    """In this mapping a bare number stands for one key of the class."""
    number = dict(classes[name]["properties"][key])
    inner = classes[owner]["properties"][mapping]["patternProperties"]
    for pattern, each in inner.items():
        inner[pattern] = {"anyOf": [number, each]}
