"""Check topologies, lessons and keepalived.conf files: what is wrong, in which line, and how to fix it.

For a topology or lesson that is named itself, not by its folder, it also says what that may do: how large its
lab is, what runs as root inside the nodes, what these reach. Configurations given together are checked as
members of one lab. The exit code is 1 if there is an error, and 0 if there are only warnings and notes.
`hatlab help checks` describes every code; so does --explain CODE.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

from hatlab.commands.support.file_watch import watch_files
from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.open_settings import add_extensions_option
from hatlab.commands.support.reports import format_findings, format_powers
from hatlab.errors import UserError
from hatlab.util.text import plural

if TYPE_CHECKING:
    from hatlab.commands.support.file_checks import CheckedFile

EXAMPLE = """
hatlab check topologies/two-node.yaml
hatlab check lessons/
hatlab check node1.conf node2.conf
hatlab check my-lab/ --watch
hatlab check --explain KA106
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="a topology, a lesson, a keepalived.conf, or a folder"
    )
    add_json_option(parser)
    add_extensions_option(parser)
    parser.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    parser.add_argument("--quiet", action="store_true", help="print only errors and warnings, one line each")
    parser.add_argument(
        "--config-id",
        metavar="ID",
        action="append",
        default=[],
        help="read lines for @ID, as keepalived -i does; give it once for all files, or once per file",
    )
    parser.add_argument("--explain", metavar="CODE", help="explain a code and what to do about it")


def run(args: Namespace) -> int:
    if args.explain:
        return _explain(args.explain, as_json=args.json)
    if not args.paths:
        raise UserError(
            "there is nothing to check",
            "give a topology (.yaml), a lesson (.md), a keepalived.conf or a folder",
        )
    if args.watch:
        return watch_files(args.paths, lambda: _check_once(args))
    return _check_once(args)


def _check_once(args: Namespace) -> int:
    from hatlab.commands.support.file_checks import check_files, find_files
    from hatlab.commands.support.file_kinds import SkippedFile, kind_of

    skipped: list[SkippedFile] = []
    files = find_files(args.paths, skipped)
    named = [path for path in map(Path, args.paths) if not path.is_dir()]
    together = sum(kind_of(path) == "configuration" for path in named) > 1
    checked = list(check_files(files, together=together, config_ids=args.config_id))
    counts: Counter[str] = Counter(finding.severity for each in checked for finding in each.findings)
    if args.json:
        data = {
            "files": [_to_data(each, quiet=args.quiet) for each in checked],
            "skipped": [{"file": str(each.path), "reason": each.reason} for each in skipped],
            "errors": counts["error"],
            "warnings": counts["warning"],
        }
        print_json(data)
    else:
        for each in checked:
            sys.stdout.write(format_findings(each, quiet=args.quiet))
            if each.powers and Path(each.file) in named and not args.quiet:
                sys.stdout.write(format_powers(each.powers))
        for left in skipped:
            sys.stdout.write(f"{left.path}: skipped: {left.reason}\n")
        if counts:
            sys.stdout.write(_summary(len(checked), counts))
    return 1 if counts["error"] else 0


def _to_data(checked: CheckedFile, *, quiet: bool) -> dict[str, Any]:
    data = checked.to_data()
    if quiet:
        data["findings"] = [finding for finding in data["findings"] if finding["severity"] != "note"]
    return data


def _summary(files: int, counts: Counter[str]) -> str:
    numbers = [
        plural(counts[severity], one, many)
        for severity, one, many in (
            ("error", "{count} error", "{count} errors"),
            ("warning", "{count} warning", "{count} warnings"),
            ("note", "{count} note", "{count} notes"),
        )
        if counts[severity]
    ]
    found = ", ".join(numbers)
    return plural(files, "{found} in {count} file\n", "{found} in {count} files\n", found=found)


def _explain(code: str, *, as_json: bool) -> int:
    from dataclasses import asdict

    from hatlab.diagnostics.finding import did_you_mean
    from hatlab.diagnostics.rules import all_rules

    rule = all_rules().get(code.upper())
    if rule is None:
        from hatlab.checks.table import every_rule

        rule = every_rule().get(code.upper())
    if rule is None:
        raise UserError(
            f"there is no code {code[:20]!r}{did_you_mean(code.upper(), every_rule())}",
            "`hatlab help checks` lists them all",
        )
    if as_json:
        print_json(asdict(rule))
        return 0
    older = f"Older versions: {rule.older}.\n" if rule.older else ""
    sys.stdout.write(f"{rule.code} ({rule.severity}): {rule.title}\n\n{_sentence(rule.effect)}\n{older}")
    example = f"\nFor example:\n\n{indent(rule.example, '    ')}" if rule.example else ""
    sys.stdout.write(f"What to do: {rule.cure}\n{example}")
    return 0


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
