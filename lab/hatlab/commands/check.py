"""Checks topologies, lessons and keepalived.conf files: all that is wrong, by line, with what to do about it.

Configurations given together are checked as the members of one lab. Ends with code 1 if there is an error;
warnings and notes alone are fine. Each code is described in docs/checks.md, and by --explain CODE.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.commands.support.file_checks import CheckedFile
    from hatlab.diagnostics.finding import Finding

EXAMPLE = """
hatlab check topologies/two-node.yaml
hatlab check lessons/
hatlab check node1.conf node2.conf
hatlab check my-lab/ --watch
hatlab check --explain KA106
"""
_POLL_SECONDS = 0.3
"""From one look at watched files to the next."""
_WIDTH = 110


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="a topology, a lesson, a keepalived.conf, or a folder"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    parser.add_argument("--quiet", action="store_true", help="errors and warnings only, one line each")
    parser.add_argument(
        "--config-id", metavar="ID", default="", help="read lines for @ID, as keepalived -i does"
    )
    parser.add_argument("--explain", metavar="CODE", help="what a code means, and what to do")


def run(args: Namespace) -> int:
    if args.explain:
        return _explain(args.explain)
    if not args.paths:
        raise UserError(
            "nothing to check", "give a topology (.yaml), a lesson (.md), a keepalived.conf or a folder"
        )
    if args.watch:
        return watch(args.paths, lambda: _check_once(args))
    return _check_once(args)


def watch(paths: Sequence[str], check: Callable[[], int], goes_on: Callable[[], bool] = lambda: True) -> int:
    """Run `check` at once and after each change of a file, until interrupted or `goes_on` says no.

    The topologies that lessons name belong to them. A file that disappears is reported, and waited for.
    """
    before: object = None
    code = 0
    watched: Sequence[str] = paths
    while True:
        if _signature(watched) != before:
            watched = [*paths, *_topologies_beside(paths)]
            before = _signature(watched)  # before it is checked: a change meanwhile is one
            try:
                code = check()
            except UserError as error:
                code = 1
                sys.stdout.write(f"{error.message}; waiting for it\n")
            sys.stdout.flush()
        if not goes_on():
            return code
        time.sleep(_POLL_SECONDS)


def _topologies_beside(paths: Sequence[str]) -> list[str]:
    """The topologies that lessons bring with them."""
    from hatlab.commands.support.file_checks import LESSONS, find_files
    from hatlab.lessons.library.loader import own_topology_path

    try:
        named = [own_topology_path(file) for file in find_files(paths) if file.suffix in LESSONS]
    except UserError:  # one that is not there is told by the check
        return []
    return [str(file) for file in named if file is not None]


def _signature(paths: Sequence[str]) -> object:
    """A value that changes whenever a file does, comes or goes."""
    files = []
    for path in map(Path, paths):
        for file in (path, *(sorted(path.rglob("*")) if path.is_dir() else ())):
            try:
                status = file.stat()
            except OSError:
                files.append((str(file), 0, 0))
            else:
                files.append((str(file), status.st_mtime_ns, status.st_size))
    return files


def _check_once(args: Namespace) -> int:
    from hatlab.commands.support.file_checks import CONFIGURATIONS, check_files, find_files

    files = find_files(args.paths)
    named = [path for path in args.paths if Path(path).suffix in CONFIGURATIONS]
    checked = list(check_files(files, together=len(named) > 1, config_id=args.config_id))
    counts: Counter[str] = Counter(finding.severity for each in checked for finding in each.findings)
    if args.json:
        data = {
            "files": [each.to_data() for each in checked],
            "errors": counts["error"],
            "warnings": counts["warning"],
        }
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    else:
        for each in checked:
            sys.stdout.write(format_findings(each, quiet=args.quiet))
        if counts:
            sys.stdout.write(_summary(len(checked), counts))
    return 1 if counts["error"] else 0


def _summary(files: int, counts: Counter[str]) -> str:
    numbers = [
        f"{n} {word}{'s' if n > 1 else ''}" for word in ("error", "warning", "note") if (n := counts[word])
    ]
    return f"{', '.join(numbers)} in {files} file{'s' if files > 1 else ''}\n"


def format_findings(checked: CheckedFile, *, quiet: bool) -> str:
    """The findings in a file, each with its line and, unless `quiet`, with what to do."""
    shown = [finding for finding in checked.findings if not quiet or finding.severity != "note"]
    if not shown:
        return "" if quiet else f"{checked.file}: fine\n"
    explained: set[str] = set()
    lines = []
    for finding in shown:
        position = f"{finding.file or checked.file}:{finding.line}:{finding.column}"
        lines.append(f"{position}: {finding.code} {finding.severity}: {_printable(finding.message)}")
        if not quiet:
            lines += _quote(checked.texts.get(finding.file, ""), finding)
            lines += _advice(finding, again=finding.code in explained)
            explained.add(finding.code)
    return "".join(line.rstrip() + "\n" for line in lines)


def _quote(text: str, finding: Finding) -> list[str]:
    """The line of a finding with a mark under its column, cut to what a terminal shows."""
    lines = text.split("\n", finding.line)
    if finding.line > len(lines) or not lines[finding.line - 1].strip():
        return []
    line, at = lines[finding.line - 1], finding.column - 1
    start = max(0, at - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = _printable(line[start : start + _WIDTH].replace("\t", " "))
    number = f"{finding.line:>5}"
    return [f"{number} | {shown}", f"{' ' * len(number)} | {' ' * (at - start)}^"]


def _advice(finding: Finding, *, again: bool) -> list[str]:
    """The cure, and the effects if they have not been told before."""
    lead = " " * 8
    effect = [] if again else [f"{lead}then: {finding.effect}"]
    older = [f"{lead}older versions: {finding.older}"] if finding.older and not again else []
    return [*effect, *older, f"{lead}do:   {finding.cure}"]


def _printable(text: str) -> str:
    """The text without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "�" for char in text)


def _explain(code: str) -> int:
    from hatlab.diagnostics.finding import did_you_mean
    from hatlab.diagnostics.rules import all_rules

    rule = all_rules().get(code.upper())
    if rule is None:
        raise UserError(
            f"there is no code {code[:20]!r}{did_you_mean(code.upper(), all_rules())}", "see docs/checks.md"
        )
    older = f"Older versions: {rule.older}.\n" if rule.older else ""
    sys.stdout.write(f"{rule.code} ({rule.severity}): {rule.title}\n\n{_sentence(rule.effect)}\n{older}")
    sys.stdout.write(f"What to do: {rule.cure}\n")
    return 0


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
