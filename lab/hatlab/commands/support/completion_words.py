"""What the values on a command line may be: topologies, lessons, nodes …, or files of the right kind.

Everything is read from names and first lines of files, or asked of the running lab, which gets a moment.
"""

from __future__ import annotations

import json
import os
import re
from argparse import Action, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.commands import COMMANDS
from hatlab.errors import LabError
from hatlab.settings.table import BY_KEY, THEMES
from hatlab.util.files import read_bytes, shipped_folder

if TYPE_CHECKING:
    from hatlab.actions import PlainNames

Words = Mapping[str, str]
"""Word → what it is, or ""."""
Completer = Callable[..., Words]
"""Called as argcomplete does: with `prefix`, `action`, `parser` and `parsed_args`."""
_PATIENCE = 0.3
"""Seconds in which a running lab must answer."""
_KEY = r"^{}[ \t]*:[ \t]*[\"']?(.*?)[\"']?[ \t]*$"
"""A pattern of a line of front matter."""


class Files:
    """Completes paths: folders, and files with one of these endings (all of them, if none is given).

    Args:
        endings: of the files.
        names: words that may stand in a file's place; while one fits what was typed, no file is offered.
    """

    def __init__(self, *endings: str, names: Callable[[], Words] = dict) -> None:
        self._endings = endings
        self._names = names

    def __call__(self, *, prefix: str, **_: Any) -> Words:
        names = {name: what for name, what in self._names().items() if name.startswith(prefix)}
        return names or dict.fromkeys(self._paths(prefix), "")

    def _paths(self, prefix: str) -> Iterator[str]:
        folder, _, begun = prefix.rpartition("/")
        above = f"{folder}/" if "/" in prefix else ""
        with suppress(OSError), os.scandir(os.path.expanduser(above) or ".") as entries:
            for entry in entries:
                if not entry.name.startswith(begun) or (entry.name.startswith(".") and not begun):
                    continue
                if entry.is_dir():
                    yield f"{above}{entry.name}/"
                elif entry.name.endswith(self._endings or ""):
                    yield f"{above}{entry.name}"


def _topologies() -> Words:
    return {path.stem: _read_key(path, "title") for path in _shipped("topologies", "*.yaml")}


def _lessons() -> Words:
    own = [Path(folder) for folder in os.environ.get("HATLAB_LESSONS", "").split(os.pathsep) if folder]
    files = [*_shipped("lessons", "*.md"), *(file for folder in own for file in sorted(folder.glob("*.md")))]
    ids = {_read_key(path, "id"): path for path in files}
    return {name: _read_key(path, "title") for name, path in ids.items() if name}


def _drills() -> Words:
    text = _read(shipped_folder("lessons") / "drills.yaml")
    return dict(re.findall(r"^- id: (\S+)\n(?:  .*\n)*?  title: (.*)$", text, re.M))


def _terms() -> Words:
    return dict.fromkeys(re.findall(r"^## (.+)$", _read(shipped_folder("lessons") / "glossary.md"), re.M), "")


def _codes() -> Words:
    """Return hatlab's own codes; those of extensions would have to be imported."""
    return dict(re.findall(r"^### ([A-Z]{2}\d+)\W+(.*)$", _read(shipped_folder("docs") / "checks.md"), re.M))


def _topics() -> Words:
    from hatlab.commands.support.help_topics import topics

    return {**topics(), **COMMANDS}


def _contexts() -> Words:
    """Return the Docker contexts of this user, as `docker context` keeps them."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    names = ["default"]
    for path in sorted(folder.glob("contexts/meta/*/meta.json")):
        with suppress(ValueError, KeyError, TypeError):
            names.append(str(json.loads(_read(path))["Name"]))
    return dict.fromkeys(names, "")


def _nodes_of_topology(*, parsed_args: Namespace, **_: Any) -> Words:
    """Return the nodes of the topology that stands on the line already."""
    import yaml

    name = str(parsed_args.topology)
    path = Path(name) if name.endswith((".yaml", ".yml")) else shipped_folder("topologies") / f"{name}.yaml"
    with suppress(yaml.YAMLError, KeyError, TypeError):
        return dict.fromkeys(map(str, yaml.safe_load(_read(path))["nodes"]), "")
    return {}


def _labs() -> Words:
    from hatlab.util.paths import sockets_dir

    return {path.stem: "" for path in sockets_dir().glob("*.sock")}


def _names_of_labs(lab: str | None) -> Iterator[PlainNames]:
    """Yield the names of each running lab, or of that one."""
    from hatlab.actions import PlainNames
    from hatlab.control import matches_id, request_result
    from hatlab.util.paths import sockets_dir

    for path in sorted(sockets_dir().glob("*.sock")):
        if lab is None or matches_id(path.stem, lab):
            with suppress(LabError, OSError, ValueError, KeyError):
                yield PlainNames.from_data(request_result(path, {"ask": "names"}, timeout=_PATIENCE))


def _nodes(*, parsed_args: Namespace, **_: Any) -> Words:
    """Return the nodes and clients of the running lab."""
    found: dict[str, str] = {}
    for names in _names_of_labs(parsed_args.lab):
        found |= {
            **dict.fromkeys(names.node_names, "a node"),
            **dict.fromkeys(names.client_names, "a client"),
        }
    return found


def _action_words(*, prefix: str, parsed_args: Namespace, **_: Any) -> Words:
    """Return what may follow an action's first words in the running lab."""
    from hatlab.actions import ArgKind, PlainNames, next_parameter, next_words

    words = [word for word in parsed_args.words or () if word]
    kind = next_parameter(words)
    if kind is ArgKind.FILE:
        return Files(".conf")(prefix=prefix)
    found: dict[str, str] = {}
    for names in [*_names_of_labs(parsed_args.lab)] if kind else []:
        found |= next_words(words, names)
    return found or next_words(words, PlainNames())


def _shipped(folder: str, pattern: str) -> list[Path]:
    return sorted(shipped_folder(folder).glob(pattern))


def _read_key(path: Path, key: str) -> str:
    """Return what a file's front matter says of a key, "" if it says nothing."""
    match = re.search(_KEY.format(key), _read(path, 4000), re.M)
    return match[1] if match else ""


def _read(path: Path, limit: int = 1_000_000) -> str:
    with suppress(LabError):
        return read_bytes(path, limit).decode("utf-8", "replace")
    return ""


def _plain(words: Callable[[], Words]) -> Completer:
    """Return a completer whose words depend on nothing that was typed."""
    return lambda **_: words()


_RECORDING = Files(".jsonl")
_BY_NAME: dict[str, Completer] = {
    "topology": Files(".yaml", ".yml", names=_topologies),
    "lesson": Files(".md", names=_lessons),
    "lessons": Files(".md", names=_lessons),
    "folder": Files("/"),
    "config": Files(".toml"),
    "engine": _plain(lambda: dict.fromkeys(BY_KEY["engine"].all_choices, "")),
    "verify engine": _plain(lambda: dict.fromkeys(("both", *BY_KEY["engine"].all_choices[1:]), "")),
    "theme": _plain(lambda: dict.fromkeys(THEMES, "")),
    **{f"{command} lessons": Files("/") for command in ("start", "learn", "drill", "lessons")},
    "context": _plain(_contexts),
    "lab": _plain(_labs),
    "explain": _plain(_codes),
    "take": Files(".json"),
    "do words": _action_words,
    "shell node": _nodes,
    "capture nodes": _nodes,
    "capture file": Files(".pcapng"),
    "class course": Files("/"),
    "class roster": Files(".csv", ".txt", ".tsv"),
    "class html": Files(".html"),
    "class pages": Files("/"),
    "grade path": _RECORDING,
    "grade lessons": Files("/"),
    "grade pages": Files("/"),
    "learn exam": Files(".toml"),
    "conf node": _nodes_of_topology,
    "drill drill": Files(".md", names=_drills),
    "drill reset": _plain(_drills),
    "lessons reset": _plain(_lessons),
    "lessons together": Files(".json"),
    "help topic": _plain(_topics),
    "glossary word": _plain(_terms),
    "start script": Files(".txt"),
    "start record_file": _RECORDING,
    "replay file": _RECORDING,
    "explain file": _RECORDING,
    "export file": _RECORDING,
    "reproduce file": _RECORDING,
    "reproduce output": Files("/"),
    "compare first": _RECORDING,
    "compare other": _RECORDING,
    "topologies topology": Files(".yaml", ".yml", names=_topologies),
    "topology-from files": Files(".conf"),
    "check paths": Files(".yaml", ".yml", ".md", ".conf"),
    "import files": Files(),
    "reproduce cure": Files(),
    "export output": Files(),
    "image file": Files(".tar", ".tar.gz"),
}
"""Where an argument's name alone does not say it, its command stands before the name."""


def completer_of(command: str, action: Action) -> Completer | None:
    """Return what completes the values of an argument; None if these are free text, or choices of its own."""
    if action.choices is not None or action.nargs == 0:
        return None
    named = _BY_NAME.get(f"{command} {action.dest}") or _BY_NAME.get(action.dest)
    return named or (Files() if action.type is Path else None)
