"""The programs behind a pipe: grep, head, tail, wc, sort. Each takes a running program and is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import TypeGuard

from hatlab.engine.simulator.console.host import ErrorLine, Item, Run, fail

Filter = Callable[[list[str], Run], Run]
"""(argv, the program before the pipe) → the program behind it."""


def _is_piped(item: Item) -> TypeGuard[str]:
    """True for a line that goes into the pipe; anything else passes it by."""
    return isinstance(item, str) and not isinstance(item, ErrorLine)


def _grep(argv: list[str], source: Run) -> Run:
    options = "".join(word[1:] for word in argv[1:] if word.startswith("-") and len(word) > 1)
    patterns = [word for word in argv[1:] if not (word.startswith("-") and len(word) > 1)]
    if not patterns or set(options) - set("ivcEqonwF"):
        source.close()
        return (yield from fail(2, "Usage: grep [OPTION]... PATTERNS [FILE]..."))
    text = patterns[0]
    if "F" in options:
        text = re.escape(text)
    elif "E" not in options:
        text = text.replace(r"\|", "\0").replace("|", r"\|").replace("\0", "|")
    if "w" in options:
        text = rf"\b(?:{text})\b"
    try:
        pattern = re.compile(text, re.IGNORECASE if "i" in options else 0)
    except re.error:
        source.close()
        return (yield from fail(2, f"grep: Invalid regular expression: {patterns[0]}"))
    count, number = 0, 0
    for line in source:
        if not _is_piped(line):
            yield line
            continue
        number += 1
        match = pattern.search(line)
        if bool(match) == ("v" in options):
            continue
        count += 1
        if "q" in options:
            source.close()
            return 0
        if "c" not in options:
            shown = match.group() if match and "o" in options else line
            yield f"{number}:{shown}" if "n" in options else shown
    if "c" in options:
        yield str(count)
    return 0 if count else 1


def _head(argv: list[str], source: Run) -> Run:
    limit = _line_count(argv)
    if limit is None:
        return (yield from _refuse_count(argv, source))
    passed = 0
    for line in source:
        if not _is_piped(line):
            yield line
            continue
        if passed < limit:
            yield line
        passed += 1
        if passed >= limit:
            source.close()
            break
    return 0


def _tail(argv: list[str], source: Run) -> Run:
    limit = _line_count(argv)
    if limit is None:
        return (yield from _refuse_count(argv, source))
    lines = yield from collect_lines(source)
    yield from lines[-limit:] if limit else []
    return 0


def _refuse_count(argv: list[str], source: Run) -> Run:
    source.close()
    return fail(1, f"{argv[0]}: invalid number of lines: ‘{argv[-1]}’")


def _wc(argv: list[str], source: Run) -> Run:
    lines = yield from collect_lines(source)
    words = sum(len(line.split()) for line in lines)
    letters = sum(len(line.encode()) + 1 for line in lines)
    counts = {"l": len(lines), "w": words, "c": letters}
    options = "".join(word[1:] for word in argv[1:])
    if options and options not in counts:
        return (yield from fail(1, f"wc: invalid option -- '{options[0]}'"))
    yield str(counts[options]) if options else " ".join(f"{count:7d}" for count in counts.values())
    return 0


def _sort(argv: list[str], source: Run) -> Run:
    lines = yield from collect_lines(source)
    yield from sorted(lines, reverse="-r" in argv)
    return 0


def collect_lines(source: Run) -> Generator[Item, str | None, list[str]]:
    """Return all lines that go into the pipe; let the rest pass."""
    lines: list[str] = []
    for item in source:
        if _is_piped(item):
            lines.append(item)
        else:
            yield item
    return lines


def _pass(_: list[str], source: Run) -> Run:
    yield from source
    return 0


def _line_count(argv: list[str]) -> int | None:
    """Return the N of `-n N`, `-nN` or `-N`, 10 without; None for something else."""
    options = argv[1:]
    if not options:
        return 10
    separate = options[0] == "-n" and len(options) > 1
    text = options[1] if separate else options[0].removeprefix("-n").lstrip("-")
    return int(text) if text.isdecimal() and len(text) < 7 else None


FILTERS: dict[str, Filter] = {
    "grep": _grep, "head": _head, "tail": _tail, "wc": _wc, "sort": _sort, "cat": _pass, "less": _pass,
}  # fmt: skip
