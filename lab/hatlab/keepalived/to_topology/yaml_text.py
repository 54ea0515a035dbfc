"""A topology as the YAML a person would write: short forms, flow style where it fits on a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_UNQUOTED = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*")
YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}


def topology_lines(data: Mapping[str, Any], confs: Mapping[str, str]) -> Iterator[str]:
    """The lines of a topology file.

    Args:
        data: the topology; nodes as octets.
        confs: node → its own configuration, where it has one.
    """
    yield f"version: {data['version']}"
    yield f"title: {_flow_style(data['title'])}"
    yield f"networks: [{', '.join(data['networks'])}]"
    yield ""
    yield "nodes:"
    for node, octet in data["nodes"].items():
        yield f"  {node}:" if node in confs else f"  {node}: {octet}"
        if node in confs:
            yield f"    octet: {octet}"
            yield from _conf_lines(confs[node])
    yield ""
    yield "instances:"
    for name, spec in data["instances"].items():
        yield f"  {name}:"
        for key, value in spec.items():
            if key != "members":
                yield f"    {key}: {_flow_style(value)}"
                continue
            yield "    members:"
            for node, member in value.items():
                yield f"      {node}: {_flow_style(member if len(member) > 1 else member['priority'])}"
    yield ""
    yield f"replication: {_flow_style(data['replication'])}"
    for key in ("sync_groups", "checks", "clients"):
        if data[key]:
            yield ""
            yield from [f"{key}:", *(f"  {name}: {_flow_style(value)}" for name, value in data[key].items())]


def _conf_lines(text: str) -> Iterator[str]:
    """`conf:` as a literal block where YAML can hold it, else as a quoted string."""
    if all(char.isprintable() or char in "\n\t" for char in text) and "\ufeff" not in text:
        yield "    conf: |2"
        yield from (f"      {line}".rstrip() for line in text.rstrip("\n").split("\n"))
    else:
        yield f"    conf: {_quoted(text)}"


def _quoted(text: str) -> str:
    import yaml

    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)
    return dumped.rstrip("\n")


def _flow_style(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow_style(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow_style, value)) + "]"
        case float() if value.is_integer():
            return str(int(value))
        case str() if _UNQUOTED.fullmatch(value) and value.lower() not in YAML_WORDS:
            return value
        case str():
            return _quoted(value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)
