"""awk, as far as one-line programs of check scripts go: `/PATTERN/ {print $N}`, `$N == VALUE`."""

from __future__ import annotations

import re
from collections.abc import Callable

from hatlab.engine.simulator.programs.context import Context, ErrorLine, Run, fail
from hatlab.engine.simulator.programs.filters import (
    compile_pattern,
    open_input,
    split_options,
    translate_pattern,
)
from hatlab.util.bounded_pattern import BoundedPattern, compile_bounded

AwkTest = Callable[[str, list[str], int], bool]
"""(line, its fields, its number) → whether it is selected."""


def awk(ctx: Context) -> Run:
    """awk [-F X] '[/PATTERN/|$N OP VALUE|NR==N] [{print …}]' [FILE…]: such one-line programs."""
    options, words = split_options(ctx.argv[1:], "Fv")
    if not words:
        return (yield from fail(2, "usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]"))
    program, paths = words[0].strip(), words[1:]
    match = re.fullmatch(r"(?P<where>[^{]*+)(?:\{(?P<act>.*)\})?", program, re.DOTALL)
    act = (match["act"] or "").strip().removesuffix(";") if match else ""
    printed = re.fullmatch(r"print(?:\s++(?P<what>.*))?", act or "print")
    test = _awk_condition(match["where"].rstrip()) if match else None
    if match is None or printed is None or test is None:
        return (yield from ctx.unsupported("such a program, but `/PATTERN/ {print $N}` and `$N == VALUE`"))
    separator = options.get("F")
    number, failed = 0, list[str]()
    for line in open_input(ctx, paths, failed):
        if not isinstance(line, str) or isinstance(line, ErrorLine):
            yield line
            continue
        number += 1
        fields = (
            compile_bounded(separator).split(line)
            if separator and len(separator) > 1
            else line.split(separator)
        )
        if test(str(line), fields, number):
            yield _awk_print(printed["what"] or "$0", str(line), fields, number)
    return 2 if failed else 0


def _awk_value(term: str, line: str, fields: list[str], number: int) -> str:
    term = term.strip()
    if term.startswith('"'):
        return term.strip('"')
    if term in {"NR", "NF"}:
        return str(number if term == "NR" else len(fields))
    if term == "$NF":
        return fields[-1] if fields else ""
    if re.fullmatch(r"\$\d{1,4}", term):
        at = int(term[1:])
        return line if at == 0 else fields[at - 1] if at <= len(fields) else ""
    return term


def _awk_print(what: str, line: str, fields: list[str], number: int) -> str:
    values = []
    for part in re.findall(r'(?:"[^"]*"|[^,])+', what):
        terms = re.findall(r'"[^"]*"|\$NF|\$\d+|NR|NF|[^\s"$]+', part)
        values.append("".join(_awk_value(term, line, fields, number) for term in terms))
    return " ".join(values)


def _awk_condition(text: str) -> AwkTest | None:
    """Return what selects a line, None for what is not known."""
    text = text.strip()
    if not text:
        return lambda *_: True
    tests: list[AwkTest] = []
    for part in text.split("&&"):
        part = part.strip()
        pattern = re.fullmatch(r"(?:(\$\w+)\s*(!?~)\s*)?(!?)/(.*)/", part)
        comparison = re.fullmatch(r'(\$?\w+)\s*(==|!=|>=|<=|>|<)\s*("[^"]*"|[\w.$-]+)', part)
        if pattern:
            try:
                regex = compile_pattern(translate_pattern(pattern[4].replace(r"\/", "/"), extended=True))
            except re.error:
                return None
            tests.append(_PatternTest(regex, pattern[1] or "$0", pattern[2] == "!~" or pattern[3] == "!"))
        elif comparison:
            tests.append(_ComparisonTest(comparison[1], comparison[2], comparison[3]))
        else:
            return None
    return lambda line, fields, number: all(test(line, fields, number) for test in tests)


class _PatternTest:
    def __init__(self, regex: BoundedPattern, term: str, inverted: bool) -> None:
        self.regex, self.term, self.inverted = regex, term, inverted

    def __call__(self, line: str, fields: list[str], number: int) -> bool:
        return bool(self.regex.search(_awk_value(self.term, line, fields, number))) != self.inverted


class _ComparisonTest:
    def __init__(self, left: str, operator: str, right: str) -> None:
        self.left, self.operator, self.right = left, operator, right

    def __call__(self, line: str, fields: list[str], number: int) -> bool:
        one, other = (_awk_value(term, line, fields, number) for term in (self.left, self.right))
        with_numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", value or "0") for value in (one, other))
        order = (
            (float(one or 0) > float(other or 0)) - (float(one or 0) < float(other or 0))
            if with_numbers
            else (one > other) - (one < other)
        )
        return {
            "==": order == 0, "!=": order != 0, ">": order > 0, "<": order < 0, ">=": order >= 0,
            "<=": order <= 0,
        }[self.operator]  # fmt: skip
