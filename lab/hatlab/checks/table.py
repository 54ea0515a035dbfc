"""The checks by name, the rules of extensions, and what all checks find in a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cached_property
from typing import get_args

from hatlab.checks.own import check_extension_words, check_node_configurations, check_translation
from hatlab.checks.source_file import FileKind, SourceFile
from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.rules import Rule, all_rules, parse_rules
from hatlab.registry import Extension, Kind, Table, describe_error
from hatlab.registry.table import Unfit, require_kind

MOST_FINDINGS = 300
"""Of one check in one file."""
_CODE = re.compile(r"[A-Z]{3,8}\d{3}")
"""A code of an extension's: hatlab's own begin with two letters, so the two never clash."""


@dataclass(frozen=True)
class Check:
    """A check of one kind of file.

    `find` is called once a file, also if that has errors: then `topology` or `lesson` is None.
    """

    name: str
    files: FileKind
    find: Callable[[SourceFile], Iterable[Finding]]
    """Yields what is wrong, as `SourceFile.finding` makes it."""
    rules: str = ""
    """Markdown with a section for each code, written as those of docs/checks.md; "" for hatlab's own."""

    @cached_property
    def rule_of(self) -> Mapping[str, Rule]:
        """The rules by code."""
        return parse_rules(self.rules) if self.rules else all_rules()


def _fit(check: Check, extension: Extension) -> Check:
    """Return the check that an extension gives, as one that never raises.

    Raises:
        Unfit: it cannot be used.
    """
    require_kind(check, Check, extension)
    if check.files not in get_args(FileKind):
        raise Unfit(f"there are no files {check.files!r}: use one of {', '.join(get_args(FileKind))}")
    try:
        rules = parse_rules(check.rules)
    except ValueError:
        raise Unfit("a section of its rules is not written as in `hatlab help checks`") from None
    if not rules:
        raise Unfit("it has no rules")
    if wrong := [code for code in rules if not _CODE.fullmatch(code)]:
        raise Unfit(f"its code {wrong[0]} should be three to eight capital letters and three digits")
    find = check.find

    def find_safely(file: SourceFile) -> Iterator[Finding]:
        try:
            with redirect_stdout(sys.stderr):  # stdout may be JSON
                found = [finding for finding, _ in zip(find(file), range(MOST_FINDINGS), strict=False)]
            if all(isinstance(finding, Finding) for finding in found):
                yield from found
            else:
                extension.report("returns what is no Finding, so nothing of it counts")
        except Exception as error:  # noqa: BLE001  another's code can raise anything
            extension.report(f"failed in {file.path}: {describe_error(error)}")

    return replace(check, find=find_safely)


_OWN = (
    Check("translation", "lesson", check_translation),
    Check("extension-words", "lesson", check_extension_words),
    Check("node-configurations", "topology", check_node_configurations),
)
CHECKS: Table[Check] = Table(Kind.CHECK, {check.name: check for check in _OWN}, _fit)


def find_all(file: SourceFile) -> Iterator[Finding]:
    """Yield what the checks of its kind find in a file."""
    for check in CHECKS.values():
        if check.files == file.kind:
            yield from check.find(replace(file, rules=check.rule_of))


def every_rule() -> dict[str, Rule]:
    """Return every rule by code: hatlab's own, then those of extensions; of two, the first one counts."""
    rules = dict(all_rules())
    for check in CHECKS.values():
        for code, rule in check.rule_of.items():
            if rules.setdefault(code, rule) != rule and (extension := CHECKS.source(check.name)):
                extension.report(f"has the code {code} of another check", extension.complaint_hint)
    return rules
