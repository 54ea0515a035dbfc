"""The programs behind a pipe: grep, head, tail, wc, sort. Each takes a running program and is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator

from hatlab.engine.simulator.console.host import ErrorLine, Item, Run

Filter = Callable[[list[str], Run], Run]
"""(argv, the program before the pipe) → the program behind it."""


def _split_stream(source: Run) -> Iterator[tuple[str | None, Item]]:
    """Yield (line, None) for what goes into the pipe, (None, item) for what does not."""
    for item in source:
        if isinstance(item, str) and not isinstance(item, ErrorLine):
            yield item, None
        else:
            yield None, item


def _grep(argv: list[str], source: Run) -> Run:
    options = "".join(word[1:] for word in argv[1:] if word.startswith("-") and len(word) > 1)
    patterns = [word for word in argv[1:] if not (word.startswith("-") and len(word) > 1)]
    if not patterns or set(options) - set("ivcEqonwF"):
        source.close()
        yield ErrorLine("Usage: grep [OPTION]... PATTERNS [FILE]...")
        return 2
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
        yield ErrorLine(f"grep: Invalid regular expression: {patterns[0]}")
        return 2
    count, number = 0, 0
    for line, other in _split_stream(source):
        if line is None:
            yield other
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
    limit = line_count(argv, 10)
    if limit is None:
        return (yield from _refuse_count(argv, source))
    passed = 0
    for line, other in _split_stream(source):
        if line is None:
            yield other
            continue
        if passed < limit:
            yield line
        passed += 1
        if passed >= limit:
            source.close()
            break
    return 0


def _tail(argv: list[str], source: Run) -> Run:
    limit = line_count(argv, 10)
    if limit is None:
        return (yield from _refuse_count(argv, source))
    lines = yield from collect_lines(source)
    yield from lines[-limit:] if limit else []
    return 0


def _refuse_count(argv: list[str], source: Run) -> Run:
    source.close()
    yield ErrorLine(f"{argv[0]}: invalid number of lines: ‘{argv[-1]}’")
    return 1


def _wc(argv: list[str], source: Run) -> Run:
    lines = yield from collect_lines(source)
    words = sum(len(line.split()) for line in lines)
    letters = sum(len(line.encode()) + 1 for line in lines)
    options = "".join(word[1:] for word in argv[1:])
    if options in {"l", "w", "c"}:
        yield str({"l": len(lines), "w": words, "c": letters}[options])
    elif options:
        yield ErrorLine(f"wc: invalid option -- '{options[0]}'")
        return 1
    else:
        yield f"{len(lines):7d} {words:7d} {letters:7d}"
    return 0


def _sort(argv: list[str], source: Run) -> Run:
    lines = yield from collect_lines(source)
    yield from sorted(lines, reverse="-r" in argv)
    return 0


def collect_lines(source: Run) -> Generator[Item, str | None, list[str]]:
    """Return all lines that go into the pipe; let the rest pass."""
    lines: list[str] = []
    for line, other in _split_stream(source):
        if line is None:
            yield other
        else:
            lines.append(line)
    return lines


def _pass(_: list[str], source: Run) -> Run:
    yield from source
    return 0


def line_count(argv: list[str], default: int) -> int | None:
    """Return the N of `-n N`, `-nN` or `-N`; None for something else."""
    options = argv[1:]
    if not options:
        return default
    separate = options[0] == "-n" and len(options) > 1
    text = options[1] if separate else options[0].removeprefix("-n").lstrip("-")
    return int(text) if text.isdecimal() and len(text) < 7 else None


FILTERS: dict[str, Filter] = {
    "grep": _grep, "head": _head, "tail": _tail, "wc": _wc, "sort": _sort, "cat": _pass, "less": _pass,
}  # fmt: skip
