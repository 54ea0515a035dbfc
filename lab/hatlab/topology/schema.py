"""The JSON Schema of topology files, for completion and hover help in editors."""

from __future__ import annotations

from typing import Any

from hatlab.topology import Topology, spec
from hatlab.util.docstrings import attribute_docstrings
from hatlab.util.json_schema import publish_schema


def topology_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a topology file, short forms included."""
    schema = Topology.model_json_schema()
    classes = {"Topology": schema, **schema["$defs"]}
    for name, definition in classes.items():
        definition.pop("title", None)
        docstrings = attribute_docstrings(spec.TopologySpec if name == "Topology" else getattr(spec, name))
        for key, described in definition.get("properties", {}).items():
            described.pop("title", None)
            described["description"] = docstrings.get(key, "")
            _close_mapping(described)
    _allow_number(classes, "Topology", "nodes", "NodeSpec", "octet")
    _allow_number(classes, "Instance", "members", "Member", "priority")
    _allow_text(classes["NodeSpec"]["properties"]["files"])
    networks = schema["properties"]["networks"]
    mapping = {key: networks.pop(key) for key in list(networks) if key != "description"}
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
    networks["anyOf"] = [names, mapping]
    return publish_schema("topology", schema)


def _close_mapping(mapping: dict[str, Any]) -> None:
    """Allow no other names as keys, and put limits in JSON Schema's words for mappings."""
    if "patternProperties" in mapping:
        mapping["additionalProperties"] = False
        for ours, theirs in (("minLength", "minProperties"), ("maxLength", "maxProperties")):
            if ours in mapping:
                mapping[theirs] = mapping.pop(ours)


def _allow_number(classes: dict[str, Any], owner: str, mapping: str, name: str, key: str) -> None:
    """Let a bare number in this mapping stand for one key of the class."""
    number = dict(classes[name]["properties"][key])
    inner = classes[owner]["properties"][mapping]["patternProperties"]
    for pattern, definition in inner.items():
        inner[pattern] = {"anyOf": [number, definition]}


def _allow_text(files: dict[str, Any]) -> None:
    """Let a bare text in this mapping stand for a file's content."""
    files["additionalProperties"] = {"anyOf": [{"type": "string"}, files["additionalProperties"]]}
