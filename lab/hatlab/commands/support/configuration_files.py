"""keepalived.conf files as somebody brings them: which nodes they are of, and what stands beside them.

A file is of one node, called as the file (or as the folder, if the file is `keepalived.conf`), and so is the
id for which it is read (`@ID` lines): keepalived takes the host's name for it. A single file that has lines
for several ids is that of all these nodes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from hatlab.errors import UserError
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.parser import parse_document
from hatlab.keepalived.preprocessor import Lines, config_ids
from hatlab.util.files import MOST_BYTES, read_bytes, real_path

_MOST_INCLUDED = 200
_MOST_OF_A_NODE = 65_536
"""Bytes of a configuration that a node of a topology can have."""
_MOST_IDS = 16
_KEEPALIVED = re.compile(r"keepalived(\.conf)?[-_.]?")
_ENDINGS = re.compile(r"(\.(conf|cfg|txt|bak|old|orig|save|sample))++$|~$")
_IP_ADDRESS = re.compile(r"[\d.]+")


def node_name(path: Path) -> str:
    """The name of a file's node: `db1` of db1.conf, of db1/keepalived.conf or of keepalived.conf.db1."""
    stem = _ENDINGS.sub("", path.name)
    own = stem if _IP_ADDRESS.fullmatch(stem) else stem.partition(".")[0] if "." in stem else stem
    if match := _KEEPALIVED.match(stem):
        own = stem[match.end() :].partition(".")[0]
    return own or real_path(path).parent.name or "node"


@dataclass(frozen=True)
class ConfigurationFile:
    """A node's keepalived.conf."""

    path: Path
    text: str
    node: str
    config_id: str
    given: frozenset[Path] = frozenset()
    """The files of all nodes, which no pattern of an `include` means."""

    @cached_property
    def include(self) -> IncludedFiles:
        """What reads the files that it includes."""
        return IncludedFiles(self.path, self.given)

    @cached_property
    def configuration(self) -> Configuration:
        """The file as the other one of a pair."""
        document = parse_document(self.text, config_id=self.config_id, include=self.include)
        return Configuration(document, name=self._called)

    @property
    def _called(self) -> str:
        """What messages call it, where it is the other one of a pair."""
        if self.node != node_name(self.path):
            return self.node
        folder = self.path.parent.name
        return f"{folder}/{self.path.name}" if self.path.stem == "keepalived" and folder else self.path.name


def ids_of_files(paths: Sequence[Path], ids: Sequence[str]) -> dict[Path, tuple[str, ...]]:
    """The ids that each file is read for, where they are given: one for all, one a file, or several for one.

    Raises:
        UserError: they are as many as neither.
    """
    if len(ids) > 1 and len(paths) == 1:
        return {paths[0]: tuple(ids)}
    if len(ids) not in {0, 1, len(paths)}:
        raise UserError(
            f"{len(ids)} ids do not match {len(paths)} files", "give --config-id once, or once per file"
        )
    return {path: (ids[k % len(ids)],) for k, path in enumerate(paths)} if ids else {}


def configuration_files(
    texts: Mapping[Path, str], ids: Mapping[Path, tuple[str, ...]]
) -> list[ConfigurationFile]:
    """The files of the nodes of one lab.

    Args:
        texts: path → text.
        ids: path → the ids for which it is read; those it names itself, or the node's name, if not given.
    """
    files: list[ConfigurationFile] = []
    all_files = frozenset(texts)
    for path, text in texts.items():
        name = node_name(path)
        given = ids.get(path, ())
        if len(given) > 1:
            files += [ConfigurationFile(path, text, id_, id_, all_files) for id_ in given]
        else:
            files.append(ConfigurationFile(path, text, name, given[0] if given else name, all_files))
    return nodes_of(files[0]) if len(files) == 1 and not ids else files


def read_configuration(path: Path) -> str:
    """The text of a configuration.

    Raises:
        UserError: it cannot be read, or it is no text, or none that a node of a lab can have.
    """
    raw = read_bytes(path)
    if len(raw) > _MOST_OF_A_NODE:
        raise UserError(f"{path} is too large", "a node's configuration may have at most 64 KB")
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise UserError(f"{path}, line {line}: this is not text", "give the nodes' keepalived.conf files")
    if not raw.strip():
        raise UserError(f"{path} is empty", "give the nodes' keepalived.conf files")
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def nodes_of(file: ConfigurationFile) -> list[ConfigurationFile]:
    """A file that was given alone, once for each node for which it has lines of its own."""
    ids = _all_ids(file)
    if not ids or file.config_id in ids:
        return [file]
    names = ids if len(ids) > 1 else [*ids, "other"]
    return [replace(file, node=name, config_id=name) for name in names]


def _all_ids(file: ConfigurationFile) -> list[str]:
    """The ids that a file names, and those that it includes."""
    known, seen = [*config_ids(file.text)], set[str]()
    while (unseen := [id_ for id_ in ("", *known) if id_ not in seen]) and len(seen) <= _MOST_IDS:
        seen.add(unseen[0])
        lines = Lines(file.text, unseen[0], file.include)
        for _ in lines:
            pass
        known += [id_ for text in lines.texts.values() for id_ in config_ids(text) if id_ not in known]
    return list(dict.fromkeys(known))[:_MOST_IDS]


class IncludedFiles:
    """Reads the files that a configuration includes: relative to the one that includes, inside its folder."""

    def __init__(self, file: Path, others: Collection[Path] = ()) -> None:
        self._file = file
        self._given = {file, *others}
        self._root = real_path(file.parent)
        self.texts: dict[str, str] = {}
        """Name → text of each file read so far."""

    def __call__(self, pattern: str, origin: str) -> list[tuple[str, str]]:
        folder = Path(origin).parent if origin else self._file.parent
        relative = Path(re.sub(r"\*{2,}", "*", pattern))
        if ".." in relative.parts:
            raise OSError(f"{pattern[:80]} is outside {self._file.parent}: not read")
        if not relative.is_absolute():
            inside = self._find(folder, relative, pattern)
        elif relative.is_relative_to(self._root):
            inside = self._find(self._root, relative.relative_to(self._root), pattern)
        else:
            inside = self._find_absolute(relative, pattern)
        if not inside:
            outside = f", nor one beside {self._file}" if relative.is_absolute() else ""
            raise OSError(f"no file matches {pattern[:80]}{outside}")
        return [(str(p), self._read(p)) for p in inside[:_MOST_INCLUDED]]

    def _find(self, folder: Path, relative: Path, pattern: str) -> list[Path]:
        """The files inside the folder that match; one that is given itself only if it is named."""
        try:
            matches = sorted(p for p in folder.glob(str(relative)) if p.is_file())
        except (ValueError, IndexError, NotImplementedError) as error:
            raise OSError(f"{pattern[:80]}: {error}") from None
        is_named = not set("*?[") & set(str(relative))
        inside = (p for p in matches if real_path(p).is_relative_to(self._root))
        return [p for p in inside if is_named or p not in self._given]

    def _find_absolute(self, path: Path, pattern: str) -> list[Path]:
        """The files of a node's path that came along: `/etc/keepalived/conf.d/*.conf` as `conf.d/*.conf`."""
        parts = path.parts[1:]
        ends = [Path(*parts[k:]) for k in range(len(parts))]
        if ends and set("*?[") & set(ends[-1].name):
            ends.pop()  # every file in the folder may be another node's
        return next((found for end in ends if (found := self._find(self._root, end, pattern))), [])

    def _read(self, path: Path) -> str:
        if len(self.texts) >= _MOST_INCLUDED:
            raise OSError(f"more than {_MOST_INCLUDED} files are included")
        try:
            raw = read_bytes(path)
        except UserError as error:
            raise OSError(error.message) from None
        if len(raw) > MOST_BYTES:
            raise OSError(f"{path} is too large")
        self.texts[str(path)] = raw.decode("utf-8", "replace")
        return self.texts[str(path)]
