"""Which files are topologies, lessons and configurations, by their names; copies and templates too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["topology", "lesson", "configuration"]
ENDINGS = ".yaml (topologies), .md (lessons) and .conf (keepalived.conf; copies such as .conf.bak too)"
_TOPOLOGIES = {".yaml", ".yml"}
_LESSONS = {".md"}
_COPY = re.compile(
    r"(?:[.-](?:bak|backup|old|orig|save|rpm(?:save|new)|dpkg-\w+|ucf-\w+|copy|\d{4,}[\w-]*+)|~)++$",
    re.I,
)
_TEMPLATE = re.compile(r"[.-](?:j2|jinja2?|erb|epp|tmpl|tpl|template|sample|example|dist|in)$", re.I)
_CONFIGURATION = re.compile(r"\.conf$|(?:^|[._-])keepalived\.(?:conf|cfg)|^keepalived[-.]", re.I)

_NOT_CONFIGURATIONS = {".sh", ".py", ".pl", ".service", ".txt", ".log", ".json"}


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A configuration in a folder that is not checked."""

    path: Path
    reason: str


def kind_of(path: Path) -> Kind | None:
    """What a file is by its name; None for what cannot be checked."""
    if path.suffix in _TOPOLOGIES:
        return "topology"
    if path.suffix in _LESSONS:
        return "lesson"
    return "configuration" if _is_configuration(path) else None


def _is_configuration(path: Path) -> bool:
    plain = _plain_name(path)
    if plain != path.name and path.suffix == ".bak":
        return True
    return bool(_CONFIGURATION.search(plain)) and path.suffix not in _NOT_CONFIGURATIONS


def _plain_name(path: Path) -> str:
    """A file's name without the endings of copies and templates."""
    name = path.name
    while (shorter := _TEMPLATE.sub("", _COPY.sub("", name))) != name and shorter:
        name = shorter
    return name


def is_template(path: Path, text: str) -> bool:
    """True for a configuration that is still to be filled in: `{{ x }}`, `<%= x %>`."""
    named = bool(_TEMPLATE.search(_COPY.sub("", path.name)))
    return named and bool(re.search(r"\{\{|\{%|<%", text))


def skip_in_folder(paths: Iterable[Path]) -> Iterator[SkippedFile]:
    """The configurations of a folder that are no node's: templates, and copies of what is there too.

    Yields:
        those to leave out, each with the reason.
    """
    there = {path for path in paths if kind_of(path) == "configuration"}
    for path in sorted(there):
        original = path.with_name(_plain_name(path))
        if _TEMPLATE.search(_COPY.sub("", path.name)):
            yield SkippedFile(path, "a template or sample; name it to check it")
        elif original != path and original in there:
            yield SkippedFile(path, f"a copy of {original.name}; name it to check it")
