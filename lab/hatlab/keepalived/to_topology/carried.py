"""Takes files that lie beside a configuration into the lab: scripts that it names, and what those read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hatlab.keepalived.diagnose.conf import ScriptFile
from hatlab.keepalived.to_topology.lab_text import lab_script
from hatlab.keepalived.to_topology.plan import Plan
from hatlab.topology import MOST_FILE_BYTES, MOST_FILES, writable_path

_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ELSEWHERE = re.compile(
    r"(?<![\w.+/-])(?:/[\w.+-]+)*/s?bin/(mysql|mysqladmin|keepalived)(?![\w/-]|\.\w)", re.A
)
"""A program of the lab, in whatever folder it is."""
_IN_THE_LAB = {
    "mysql": "/usr/bin/mysql",
    "mysqladmin": "/usr/bin/mysqladmin",
    "keepalived": "/usr/sbin/keepalived",
}
_STANDARD = {"/bin", "/sbin", "/usr/bin", "/usr/sbin"}


@dataclass
class CarriedFiles:
    """The files of one node in the lab."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Path → `content`, and `mode` where it is not what it would be anyway."""
    moved: dict[str, str] = field(default_factory=dict)
    """A path in the node's files → that in the lab, where it is another."""


def carry_files(
    plan: Plan, node: str, files: Mapping[str, ScriptFile], missing: Sequence[str]
) -> CarriedFiles:
    """Translate the files of a node, and say what cannot come along, or is not there to come along."""
    carried = CarriedFiles()
    texts = [plan.nodes[node].document.texts[""], *(file.text for file in files.values())]
    for path in dict.fromkeys(match[0] for text in texts for match in _ELSEWHERE.finditer(text)):
        program = path.rpartition("/")[2]
        if path.rpartition("/")[0] not in _STANDARD and path not in files:
            carried.moved[path] = _IN_THE_LAB[program]
            plan.note(f"{path} of {{nodes}} is {_IN_THE_LAB[program]} here.", node)
    places = {path: _place(path) for path in files}
    carried.moved |= {path: place for path, place in places.items() if place != path}
    for path in missing:
        if path not in carried.moved:
            plan.note(f"{path} of {{nodes}} is not among the files, so the lab has no such program.", node)
    size = 0
    for path, file in files.items():
        text = lab_script(plan, node, file.text, carried.moved)
        size += len(text.encode())
        if _BINARY.search(file.text):
            plan.note(f"{path} of {{nodes}} is not text, so it is not in the lab.", node)
        elif len(carried.files) == MOST_FILES or size > MOST_FILE_BYTES:
            plan.note(f"{path} of {{nodes}} is too large, so it is not in the lab.", node)
            size -= len(text.encode())
        else:
            carried.files[places[path]] = {"content": text, **_mode(file, text)}
            for sentence in _notes(path, places[path], file, text):
                plan.note(sentence, node)
    return carried


def _place(path: str) -> str:
    """Where a file stands in the lab: where it stood, unless a lab does not write there."""
    try:
        return writable_path(path)
    except ValueError:
        name = re.sub(r"[^A-Za-z0-9._-]", "-", path.rpartition("/")[2]) or "file"
        return f"/etc/keepalived/{name}"


def _mode(file: ScriptFile, text: str) -> dict[str, str]:
    if file.mode is None:
        return {}
    usual = 0o755 if text.startswith("#!") else 0o644
    mode = file.mode & 0o777
    return {} if mode in {usual, usual & ~0o222} else {"mode": f"{mode:04o}"}


def _notes(path: str, place: str, file: ScriptFile, text: str) -> Iterator[str]:
    if place != path:
        yield f"{path} of {{nodes}} is {place} here: a lab does not write to its original place."
    if text != file.text:
        yield f"{place} of {{nodes}} was changed: it now uses the interfaces, addresses or paths of the lab."
    if file.mode is not None and not file.mode & 0o111 and text.startswith("#!"):
        mode = f"{file.mode & 0o777:04o}, like the file next to the configuration"
        yield (
            f"{place} of {{nodes}} is not executable ({mode}). If it is on the real node, write "
            f'`mode: "0755"`.'
        )
