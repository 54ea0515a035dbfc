"""A topology as the YAML a person would write: short forms, flow style where it fits on a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN_PATH = re.compile(r"[\w./-]+", re.A)
_UNQUOTED = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*")
YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}


def topology_lines(data: Mapping[str, Any], own: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a topology file.

    Args:
        data: the topology.
        own: node → its own `conf` and `files`, where it has them.
    """
    yield f"version: {data['version']}"
    yield f"title: {_flow_style(data['title'])}"
    yield f"networks: [{', '.join(data['networks'])}]"
    yield ""
    yield "nodes:"
    for node, spec in data["nodes"].items():
        if not own[node]:
            yield f"  {node}: {spec['octet'] if len(spec) == 1 else _flow_style(spec)}"
            continue
        yield f"  {node}:"
        yield from (f"    {key}: {_flow_style(value)}" for key, value in spec.items())
        if "conf" in own[node]:
            yield from _text_lines("    conf", own[node]["conf"])
        if "files" in own[node]:
            yield "    files:"
            for path, file in own[node]["files"].items():
                yield from _file_lines(path, file)
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


def _file_lines(path: str, file: Mapping[str, str]) -> Iterator[str]:
    """A file in its short form, or with its mode."""
    key = path if _PLAIN_PATH.fullmatch(path) else _quoted(path)
    if "mode" not in file:
        yield from _text_lines(f"      {key}", file["content"])
        return
    yield f"      {key}:"
    yield f"        mode: {_quoted(file['mode'])}"
    yield from _text_lines("        content", file["content"])


def _text_lines(key: str, text: str) -> Iterator[str]:
    """A text as a literal block where YAML can hold it byte for byte, else as a quoted string."""
    body, ends = text.rstrip("\n"), len(text) - len(text.rstrip("\n"))
    is_plain = all(char.isprintable() or char in "\n\t" for char in text) and "\ufeff" not in text
    if not is_plain or not body or ends > 1:  # a block would take the empty line behind it, too
        yield f"{key}: {_quoted(text)}"
        return
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    yield f"{key}: |2{'' if ends else '-'}"
    yield from (f"{indent}{line}" if line else "" for line in text.removesuffix("\n").split("\n"))


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
