"""Finds the scripts that a configuration names among the files beside it, and what those read in turn.

A path of the node stands for the file of its longest end that is there: `/etc/keepalived/scripts/check.sh`
for `scripts/check.sh` beside the configuration, or else for `check.sh`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from hatlab.errors import UserError
from hatlab.keepalived.diagnose import ScriptFile
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.diagnose.scripts.commands import find_commands
from hatlab.util.files import MOST_BYTES, read_bytes, real_path

_MOST_SCRIPTS = 200
_PATH = re.compile(r"(?<![\w.$})-])(?<![\w})][\"'])(?:/[\w.@+-]{1,120})+", re.A)
_IN_ITS_FOLDER = re.compile(
    r"(?:dirname[^\n)]*\)+|%/\*\})\"?/([\w.@+-][\w.@+/-]*)"
    r"|(?:^|[;&|])[ \t]*(?:\.|source)[ \t]+(?:\./)?([\w@+-][\w.@+/-]*)",
    re.A | re.M,
)
"""What a script names relative to where it stands itself: by its own path, or by a plain `source`."""
_IN_A_FOLDER = re.compile(r"\$\{?(\w+)\}?\"?/([\w.@+-][\w.@+/-]*)", re.A)
_FOLDER = r"^[ \t]*(?:export[ \t]+)?{name}=[\"']?((?:/[\w.@+-]+)+)"


def scripts_beside(file: Path, conf: Configuration) -> dict[str, ScriptFile]:
    """The files beside a configuration whose paths it names, and that those name: path → file."""
    found: dict[str, ScriptFile] = {}
    commands = (" ".join(command.line.words) for command in find_commands(conf))
    text = "\n".join([*conf.document.texts.values(), *commands])  # a command's path may be of a definition
    todo = list(_named_paths(text[:MOST_BYTES], ""))
    while todo and len(found) < _MOST_SCRIPTS:
        path = todo.pop(0)
        if path in found:
            continue
        beside = find_beside(file, path)
        script = _read_script(beside) if beside else None
        if script is not None:
            found[path] = script
            todo += _named_paths(script.text, path)
    return found


def scripts_without_path(file: Path, conf: Configuration) -> dict[str, ScriptFile]:
    """The files beside a configuration that it runs by plain names: keepalived looks for them in PATH."""
    names = {command.program for command in find_commands(conf) if "/" not in command.program}
    beside = {name: find_beside(file, f"/{name}") for name in sorted(filter(None, names))}
    read = {name: _read_script(path) for name, path in beside.items() if path}
    return {name: script for name, script in read.items() if script}


def find_beside(file: Path, path: str) -> Path | None:
    """The file beside a configuration that stands for a path of its node; None if there is none."""
    parts = PurePosixPath(path).parts[1:]
    if ".." in parts:
        return None
    for k in range(len(parts)):
        candidate = file.parent.joinpath(*parts[k:])
        try:
            if candidate.is_file() and real_path(candidate) != real_path(file):
                return candidate
        except OSError:
            continue
    return None


def _named_paths(text: str, script: str) -> Iterator[str]:
    """The absolute paths that a text names; `script` is where it stands itself, if it is one."""
    yield from dict.fromkeys(_PATH.findall(text))
    if not script:
        return
    folder = PurePosixPath(script).parent
    for names in _IN_ITS_FOLDER.findall(text):
        yield str(folder / next(filter(None, names)))
    for variable, name in _IN_A_FOLDER.findall(text):
        if value := re.search(_FOLDER.format(name=variable), text, re.A | re.M):
            yield str(PurePosixPath(value[1]) / name)


def _read_script(path: Path) -> ScriptFile | None:
    try:
        mode = path.stat().st_mode & 0o7777
        if not mode & 0o002:
            mode &= ~0o020  # a checkout's group says nothing of where it is used
        raw = read_bytes(path)
    except (OSError, UserError):
        return None
    try:
        return ScriptFile(raw.decode("utf-8"), mode)
    except UnicodeDecodeError:
        return ScriptFile(raw.decode("latin-1"), mode)


def programs_not_there(programs: Iterable[str], found: Iterable[str]) -> list[str]:
    """The paths of programs that are neither a system's own nor among those found."""
    known = {*found}
    return [
        program
        for program in dict.fromkeys(programs)
        if program.startswith("/")
        and program not in known
        and not program.startswith(("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"))
    ]
