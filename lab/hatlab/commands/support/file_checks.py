"""Checks files by name: finds them, groups configurations of one lab, reads what they include."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.checks.source_file import SourceFile
from hatlab.checks.table import find_all
from hatlab.commands.support.configuration_files import (
    ConfigurationFile,
    configuration_files,
    ids_of_files,
)
from hatlab.commands.support.file_kinds import ENDINGS, SkippedFile, is_template, kind_of, skip_in_folder
from hatlab.commands.support.script_files import scripts_beside
from hatlab.diagnostics.finding import Finding, sort_findings
from hatlab.diagnostics.rules import all_rules
from hatlab.errors import UserError
from hatlab.keepalived.diagnose import by_cause, diagnose_config, explains
from hatlab.keepalived.diagnose.pair import agreement_note
from hatlab.util.files import MOST_BYTES, read_bytes, real_path

if TYPE_CHECKING:
    from hatlab.commands.support.file_powers import Powers

_MOST_PEERS = 16
_LIST = re.compile(rb"(?:\s*(?:#.*)?\n)*- ")
"""A YAML file that is a list, as a set of drills is."""
_INSTANCE = re.compile(r"^[ \t]*+vrrp_instance[ \t]++([^\s{]++)[ \t]*+\{?[ \t]*+$", re.M)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file and what is wrong with it."""

    file: str
    findings: tuple[Finding, ...]
    texts: dict[str, str]
    """The texts that findings are in: name of an included file → its text; empty for the file itself."""
    powers: Powers | None = None
    """What a topology or a lesson may do; None for others, and where there is an error."""

    @property
    def worst(self) -> int:
        """0 for a file with errors, 1 with warnings, 2 with neither."""
        severities = {finding.severity for finding in self.findings}
        return 0 if "error" in severities else 1 if "warning" in severities else 2

    def to_data(self) -> dict[str, Any]:
        """As in the JSON of `hatlab check --json`."""
        keys = ("code", "severity", "line", "column", "message", "effect", "older", "cure")
        findings = [
            {"file": finding.file or self.file, **{key: getattr(finding, key) for key in keys}}
            for finding in self.findings
        ]
        return {"file": self.file, "findings": findings, "may": self.powers and self.powers.to_data()}


def find_files(paths: Iterable[str], skipped: list[SkippedFile] | None = None) -> list[Path]:
    """The files that paths name: themselves, or all topologies, lessons and configurations in a folder.

    Args:
        paths: of files and folders.
        skipped: gets the configurations of folders that are left out.

    Raises:
        UserError: a path names nothing, or nothing that can be checked.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.is_file() and _is_checkable(p)]
            left_out = [*skip_in_folder(inside), *_included(inside)]
            if skipped is not None:
                skipped += left_out
            inside = [p for p in inside if all(p != left.path for left in left_out)]
            if not inside:
                raise UserError(f"there is nothing to check in {path}", f"such files end in {ENDINGS}")
            files += inside
        elif not path.exists():
            raise UserError(f"there is no file {path}", f"give a file that ends in {ENDINGS}, or a folder")
        elif kind_of(path) is None:
            raise UserError(
                f"{path} is not a topology, lesson or configuration", f"those files end in {ENDINGS}"
            )
        else:
            files.append(path)
    return list(dict.fromkeys(files))


def _included(paths: Iterable[Path]) -> Iterator[SkippedFile]:
    """The configurations of a folder that are read as part of another one."""
    confs = {real_path(path): path for path in paths if kind_of(path) == "configuration"}
    for path in confs.values():
        text = read_bytes(path)[:MOST_BYTES].decode("utf-8", "replace")
        if "include" not in text:
            continue
        file = configuration_files({path: text}, {})[0]
        for name in filter(None, file.configuration.document.texts):
            inner = confs.get(real_path(Path(name)))
            if inner is not None and inner != path:
                yield SkippedFile(inner, f"read as part of {path}")


def _is_checkable(path: Path) -> bool:
    """True if a file in a folder is one to check: a page of Markdown is no lesson, a list no topology."""
    kind = kind_of(path)
    if kind == "lesson":
        from hatlab.lessons.library.loader import is_lesson_file

        return is_lesson_file(path)
    if kind == "topology":
        return _LIST.match(read_bytes(path)[:4000]) is None
    return kind is not None


def check_files(
    files: Sequence[Path], *, together: bool, config_ids: Sequence[str] = ()
) -> Iterator[CheckedFile]:
    """Check files one after the other; of the members of one lab, first those with the worst findings.

    With `together` all configurations are members of one lab, otherwise those of one folder that name the
    same instances. They are read for these ids, see `configuration_files`.

    Raises:
        UserError: a file cannot be read, or the ids are not as many as the configurations.
    """
    raws = {file: read_bytes(file) for file in files}
    texts = {f: raw.decode("utf-8", "replace") for f, raw in raws.items()}
    confs = [file for file in files if kind_of(file) == "configuration"]
    ids = ids_of_files(confs, config_ids)
    groups = _group_members(confs, texts, together=together)
    labs: dict[tuple[Path, ...], list[ConfigurationFile]] = {}  # by their files: each is parsed once
    members_of_lab: list[CheckedFile] = []
    for file in files:
        if kind_of(file) == "topology":
            yield _check_topology(file, raws[file], texts[file])
        elif kind_of(file) == "lesson":
            yield _check_lesson(file, texts[file])
        elif len(raws[file]) > MOST_BYTES:
            too_large = all_rules()["KA015"].finding(1, 1, "this file is too large")
            yield CheckedFile(str(file), (too_large,), {"": ""})
        elif is_template(file, texts[file]):
            template = all_rules()["KA020"].finding(1, 1, "this is a template, not yet a configuration")
            yield CheckedFile(str(file), (template,), {"": ""})
        else:
            members = tuple(groups.get(file, [file]))
            if members not in labs:
                labs[members] = configuration_files({member: texts[member] for member in members}, ids)
            checked = _check_conf(file, labs[members])
            if together:
                members_of_lab.append(checked)
            else:
                yield checked
    if together and not any(explains(f) for each in members_of_lab for f in each.findings):
        group = configuration_files({file: texts[file] for file in confs if groups.get(file)}, ids)
        members_of_lab[:1] = [_with_agreement(each, group) for each in members_of_lab[:1]]
    yield from sorted(members_of_lab, key=lambda each: each.worst)


def _check_lesson(file: Path, text: str) -> CheckedFile:
    """Find what is wrong with a lesson."""
    from hatlab.commands.support.file_powers import lesson_powers
    from hatlab.lessons.library.loader import parse_lesson_file

    examined = parse_lesson_file(file)
    lesson = examined.lesson
    findings = _with_checks(examined.findings, SourceFile(file, "lesson", text, lesson=lesson))
    return CheckedFile(str(file), findings, {"": text}, lesson_powers(file, lesson) if lesson else None)


def _check_topology(file: Path, raw: bytes, text: str) -> CheckedFile:
    """Find what is wrong with a topology."""
    from hatlab.commands.support.file_powers import topology_powers
    from hatlab.topology.file import parse_topology

    result = parse_topology(raw)
    topology = result.topology
    source = SourceFile(file, "topology", text, topology=topology, source_map=result.source_map)
    powers = topology_powers(topology) if topology is not None else None
    return CheckedFile(str(file), _with_checks(result.findings, source), {"": text}, powers)


def _with_checks(findings: Iterable[Finding], source: SourceFile) -> tuple[Finding, ...]:
    """Return findings, and those of all checks, in the order of the file."""
    return sort_findings([*findings, *find_all(source)])


def _group_members(files: list[Path], texts: dict[Path, str], *, together: bool) -> dict[Path, list[Path]]:
    """File → the configurations of its lab, itself among them; none for a group that is too large."""
    members: dict[object, list[Path]] = {}
    for file in files:
        names = tuple(sorted(_instance_names(file, texts[file])))
        key = "all" if together else (_lab_folder(file, files), names) if names else file
        members.setdefault(key, []).append(file)
    return {f: group for group in members.values() if len(group) <= _MOST_PEERS for f in group}


def _instance_names(file: Path, text: str) -> set[str]:
    if "include" not in text:
        return set(_INSTANCE.findall(text))
    return set(configuration_files({file: text}, {})[0].configuration.settings)


def _lab_folder(file: Path, files: list[Path]) -> Path:
    """The folder whose files are members of one lab: the one above, where each node has its own."""
    alone = sum(other.parent == file.parent for other in files) == 1
    return file.parent.parent if alone and file.stem == "keepalived" else file.parent


def _check_conf(file: Path, group: list[ConfigurationFile]) -> CheckedFile:
    """Check a configuration, once for each node whose it is."""
    findings: list[Finding] = []
    texts: dict[str, str] = {}
    for member in group:
        if member.path != file:
            continue
        found = diagnose_config(
            member.text,
            *(peer.configuration for peer in group if peer is not member),
            scripts=scripts_beside(file, member.configuration),
            include=member.include,
            config_id=member.config_id,
        )
        findings += [finding for finding in found if finding not in findings]
        if not texts:
            findings += find_all(SourceFile(file, "configuration", member.text))
        texts |= {"": member.text, **member.include.texts}
    return CheckedFile(str(file), tuple(by_cause(findings)), texts)


def _with_agreement(checked: CheckedFile, group: list[ConfigurationFile]) -> CheckedFile:
    """The first file of a lab in which nothing is an error, with what to look for outside of the files."""
    note = agreement_note([member.configuration for member in group])
    return replace(checked, findings=(*checked.findings, note)) if note else checked
