"""Programs that read lines and write lines: grep, head, tail, wc, sort, uniq, cut, tr, tee, cat."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

from hatlab.engine.simulator.programs.context import (
    Context,
    ErrorLine,
    PartialLine,
    Run,
    Source,
    collect_lines,
    fail,
    is_output,
)
from hatlab.util.bounded_pattern import BoundedPattern, compile_bounded


def open_input(ctx: Context, paths: list[str], failed: list[str]) -> Source:
    """Yield the lines of files, of stdin without any; the paths that cannot be read go into `failed`."""
    if not paths:
        yield from ctx.stdin
        return
    for path in paths:
        if path == "-":
            yield from ctx.stdin
            continue
        text = ctx.ask(ctx.host.disk.read, path)
        if text is None:
            failed.append(path)
            why = ctx.ask(ctx.host.disk.why_not_readable, path)
            yield ErrorLine(f"{ctx.argv[0]}: {path}: {why}")
        else:
            yield from text_lines(text)


def text_lines(text: str) -> Iterator[str]:
    """Yield a text's lines; the last one may have no end."""
    *whole, last = text.split("\n")
    yield from whole
    if last:
        yield PartialLine(last)


def split_options(words: list[str], with_value: str = "") -> tuple[dict[str, str], list[str]]:
    """Return (letter of each option → its value, the other words); long options by their name."""
    options: dict[str, str] = {}
    others: list[str] = []
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--":
            others += words
            break
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            options[name] = value
        elif word.startswith("-") and len(word) > 1:
            for position, letter in enumerate(word[1:], 2):
                if letter in with_value:
                    options[letter] = word[position:] or (words.pop(0) if words else "")
                    break
                options[letter] = ""
        else:
            others.append(word)
    return options, others


def translate_pattern(text: str, *, extended: bool) -> str:
    """Return a POSIX regular expression in Python's words.

    In a basic one `+ ? { } | ( )` are letters, and operators behind a backslash.
    """
    if not extended:
        text = re.sub(r"\\?[(){}+?|]", lambda m: m[0][1:] if m[0][0] == "\\" else "\\" + m[0], text)
        text = re.sub(r"^\*", r"\\*", text)
    classes = {
        "space": r"\s", "digit": r"\d", "alpha": "A-Za-z", "alnum": "A-Za-z0-9", "upper": "A-Z",
        "lower": "a-z", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f",
    }  # fmt: skip
    text = re.sub(r"\[:(\w+):\]", lambda m: classes.get(m[1], ""), text)
    return text.replace(r"\<", r"\b").replace(r"\>", r"\b")


def compile_pattern(text: str, *, ignore_case: bool = False) -> BoundedPattern:
    """Compile a regular expression in Python's words, whose matching always ends soon.

    Raises:
        re.error: it is none.
    """
    return compile_bounded(text, re.IGNORECASE if ignore_case else 0)


class _Surroundings:
    """The lines around a match that grep's -A, -B and -C ask for."""

    def __init__(self, options: Mapping[str, str]) -> None:
        around = options.get("C", "0")
        before, self._after = (int(n) if (n := options.get(k, around)).isdecimal() else 0 for k in "BA")
        self._is_asked = bool(before or self._after)
        self._numbered = "n" in options
        self._held = deque[tuple[int, str]](maxlen=before)
        self._shown_until = self._due = 0

    def after_match(self, number: int, line: str) -> Iterator[str]:
        """Yield a line that does not match if it still follows a match, else keep it for the next one."""
        if self._due:
            self._due, self._shown_until = self._due - 1, number
            yield self._format(number, line)
        else:
            self._held.append((number, line))

    def before_match(self, number: int) -> Iterator[str]:
        """Yield what stands before the match in a line."""
        first = self._held[0][0] if self._held else number
        if self._is_asked and self._shown_until and first > self._shown_until + 1:
            yield "--"
        yield from (self._format(*earlier) for earlier in self._held)
        self._held.clear()
        self._due, self._shown_until = self._after, number

    def _format(self, number: int, line: str) -> str:
        return f"{number}-{line}" if self._numbered else line


def grep(ctx: Context) -> Run:
    """grep [-ivcEqonwFxlhHsmABC] [-e] PATTERN [FILE…]."""
    options, words = split_options(ctx.argv[1:], "emABC")
    if ctx.argv[0] == "egrep":
        options["E"] = ""
    if ctx.argv[0] == "fgrep":
        options["F"] = ""
    long = {"quiet", "silent", "count", "invert-match", "ignore-case", "color"}
    known = set("ivcEqonwFxlhHsmePrABC") | long
    pattern = options.get("e") or (words.pop(0) if words else None)
    if pattern is None or set(options) - known:
        return (yield from fail(2, "Usage: grep [OPTION]... PATTERNS [FILE]..."))
    extended = bool({"E", "P"} & set(options))
    text = "|".join(
        re.escape(part) if "F" in options else translate_pattern(part, extended=extended)
        for part in pattern.split("\n")
    )
    text = rf"(?<!\w)(?:{text})(?!\w)" if "w" in options else f"^(?:{text})$" if "x" in options else text
    insensitive = {"i", "ignore-case"} & set(options)
    try:
        regex = compile_pattern(text, ignore_case=bool(insensitive))
    except (re.error, OverflowError, RecursionError):
        return (yield from fail(2, f"grep: Invalid regular expression: {pattern}"))
    inverted, counting = {"v", "invert-match"} & set(options), {"c", "count"} & set(options)
    quiet = bool({"q", "quiet", "silent"} & set(options))
    limit = int(options["m"]) if options.get("m", "").isdecimal() else 10**9
    surroundings = _Surroundings(options)
    count, number, failed = 0, 0, list[str]()
    source = open_input(ctx, words, failed)
    for line in source:
        if not isinstance(line, str) or isinstance(line, ErrorLine):
            if not ("s" in options and failed):
                yield line
            continue
        number += 1
        match = regex.search(line)
        silent = counting or "l" in options
        if bool(match) == bool(inverted):
            yield from () if silent else surroundings.after_match(number, line)
            continue
        count += 1
        if quiet:
            return 0
        if not silent:
            yield from surroundings.before_match(number)
            for shown in [m.group() for m in regex.finditer(line)] if "o" in options and match else [line]:
                yield f"{number}:{shown}" if "n" in options else str(shown)
        if count >= limit:
            break
    if counting:
        yield str(count)
    elif "l" in options and count:
        yield words[0] if words else "(standard input)"
    return 0 if count else 2 if failed else 1


def head(ctx: Context) -> Run:
    """head [-n N] [FILE…]."""
    limit, paths = _line_count(ctx.argv[1:])
    if limit is None:
        return (yield from _refuse_count(ctx))
    passed, failed = 0, list[str]()
    for line in open_input(ctx, paths, failed):
        if not is_output(line):
            yield line
            continue
        if passed < limit:
            yield line
        passed += 1
        if passed >= limit:
            break
    return int(bool(failed))


def tail(ctx: Context) -> Run:
    """tail [-n N] [FILE…]; `-n +N` from line N on."""
    limit, paths = _line_count(ctx.argv[1:])
    if limit is None:
        return (yield from _refuse_count(ctx))
    failed: list[str] = []
    lines = yield from collect_lines(open_input(ctx, paths, failed))
    if any(word in {"+", "-n"} or word.startswith("+") for word in ctx.argv) and f"+{limit}" in " ".join(
        ctx.argv
    ):
        yield from lines[max(0, limit - 1) :]
    else:
        yield from lines[-limit:] if limit else []
    return int(bool(failed))


def _refuse_count(ctx: Context) -> Run:
    return fail(1, f"{ctx.argv[0]}: invalid number of lines: ‘{ctx.argv[-1]}’")


def _line_count(words: list[str]) -> tuple[int | None, list[str]]:
    """Return (N of `-n N`, `-nN` or `-N`, 10 without, None for something else; the other words)."""
    limit: int | None = 10
    paths: list[str] = []
    words = list(words)
    while words:
        word = words.pop(0)
        if word.startswith("-") and len(word) > 1 and word not in {"-q", "-f"}:
            text = words.pop(0) if word in {"-n", "-c"} and words else word.removeprefix("-n").lstrip("-")
            text = text.lstrip("+-").removeprefix("lines=")
            limit = int(text) if text.isdecimal() and len(text) < 7 else None
        elif word not in {"-q", "-f"}:
            paths.append(word)
    return limit, paths


def wc(ctx: Context) -> Run:
    """wc [-lwcm] [FILE…]."""
    options, paths = split_options(ctx.argv[1:])
    failed: list[str] = []
    lines = yield from collect_lines(open_input(ctx, paths, failed))
    if set(options) - set("lwcm"):
        return (yield from fail(1, f"wc: invalid option -- '{next(iter(set(options) - set('lwcm')))}'"))
    counts = {
        "l": sum(not isinstance(line, PartialLine) for line in lines),
        "w": sum(len(line.split()) for line in lines),
        "c": sum(len(line.encode()) + (not isinstance(line, PartialLine)) for line in lines),
    }
    counts["m"] = counts["c"]
    name = f" {paths[0]}" if len(paths) == 1 else ""
    if options:
        yield " ".join(str(counts[option]) for option in "lwcm" if option in options) + name
    else:
        yield " ".join(f"{counts[key]:7d}" for key in "lwc") + name
    return int(bool(failed))


def sort(ctx: Context) -> Run:
    """sort [-rnu] [-k N] [FILE…]."""
    options, paths = split_options(ctx.argv[1:], "kt")
    failed: list[str] = []
    lines = yield from collect_lines(open_input(ctx, paths, failed))
    column = re.match(r"\d+", options.get("k", ""))

    def key(line: str) -> tuple[float, str]:
        text = line
        if column:
            fields = line.split(options.get("t") or None)
            text = " ".join(fields[int(column[0]) - 1 :])
        number = re.match(r"\s*-?\d+(\.\d+)?", text) if "n" in options else None
        return (float(number[0]) if number else 0.0, text)

    ordered = sorted((str(line) for line in lines), key=key, reverse="r" in options)
    yield from dict.fromkeys(ordered) if "u" in options else ordered
    return int(bool(failed))


def uniq(ctx: Context) -> Run:
    """uniq [-c] [-d] [-u]."""
    options, paths = split_options(ctx.argv[1:])
    lines = yield from collect_lines(open_input(ctx, paths, []))
    groups: list[list[str]] = []
    for line in map(str, lines):
        if groups and groups[-1][0] == line:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        if ("d" in options and len(group) == 1) or ("u" in options and len(group) > 1):
            continue
        yield f"{len(group):7d} {group[0]}" if "c" in options else group[0]
    return 0


def _ranges(text: str) -> list[tuple[int, int]] | None:
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{0,6})(-?)(\d{0,6})", part)
        if not match or part in {"", "-"}:
            return None
        begin = int(match[1] or 1)
        ranges.append((begin, int(match[3] or 10**6) if match[2] else begin))
    return ranges


def cut(ctx: Context) -> Run:
    """cut -d X -f N | -c N."""
    options, paths = split_options(ctx.argv[1:], "dfcb")
    ranges = _ranges(options.get("f") or options.get("c") or options.get("b") or "")
    if ranges is None:
        return (yield from fail(1, "cut: you must specify a list of bytes, characters, or fields"))
    delimiter = options.get("d", "\t")
    failed: list[str] = []
    for line in open_input(ctx, paths, failed):
        if not isinstance(line, str) or isinstance(line, ErrorLine):
            yield line
            continue
        if "f" not in options:
            yield "".join(letter for at, letter in enumerate(line, 1) if any(a <= at <= b for a, b in ranges))
        elif delimiter not in line:
            if "s" not in options:
                yield str(line)
        else:
            fields = line.split(delimiter)
            yield delimiter.join(f for at, f in enumerate(fields, 1) if any(a <= at <= b for a, b in ranges))
    return int(bool(failed))


def _letters(text: str) -> str:
    names = {
        "[:upper:]": "A-Z",
        "[:lower:]": "a-z",
        "[:digit:]": "0-9",
        "[:space:]": " \t\n\r",
        "[:alpha:]": "A-Za-z",
    }
    for name, letters in names.items():
        text = text.replace(name, letters)
    text = text.replace("\\n", "\n").replace("\\t", "\t")
    return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), min(ord(m[2]), 0x10FF) + 1))), text)


def tr(ctx: Context) -> Run:
    """tr [-ds] LETTERS [LETTERS]."""
    options, words = split_options(ctx.argv[1:])
    if not words or len(words) > 2:
        return (yield from fail(1, "tr: missing operand"))
    lines = yield from ctx.read_lines()
    text = "".join(line if isinstance(line, PartialLine) else line + "\n" for line in lines)
    old, new = _letters(words[0]), _letters(words[1]) if len(words) > 1 else ""
    if "c" in options:
        text = "".join(letter for letter in text if letter in old or "d" not in options)
    elif "d" in options:
        text = "".join(letter for letter in text if letter not in old)
    elif new:
        new = new.ljust(len(old), new[-1])[: len(old)]
        text = text.translate(dict(zip(map(ord, old), new, strict=True)))
    if "s" in options:
        squeezed = re.escape(new or old)
        text = re.sub(rf"([{squeezed}])\1+", r"\1", text)
    yield from text_lines(text)
    return 0


def tee(ctx: Context) -> Run:
    """tee [-a] FILE…"""
    options, paths = split_options(ctx.argv[1:])
    append = "a" in options
    for path in paths:
        if why := ctx.ask(_open_for_writing, ctx, path, append):
            yield ErrorLine(f"tee: {path}: {why}")
    for line in ctx.stdin:
        if isinstance(line, str) and not isinstance(line, ErrorLine):
            for path in paths:
                ctx.ask(_append_line, ctx, path, str(line))
        yield line
    return 0


def _open_for_writing(ctx: Context, path: str, append: bool) -> str:
    return ctx.host.disk.write(path, "", append=append)


def _append_line(ctx: Context, path: str, line: str) -> str:
    return ctx.host.disk.write(path, line + "\n", append=True)


def cat(ctx: Context) -> Run:
    """cat [-n] [FILE…]."""
    options, paths = split_options(ctx.argv[1:])
    failed: list[str] = []
    number = 0
    for line in open_input(ctx, paths, failed):
        if is_output(line) and "n" in options:
            number += 1
            yield f"{number:6d}\t{line}"
        else:
            yield line
    return int(bool(failed))


def xargs(ctx: Context) -> Run:
    """xargs [-r] [-n N] [-I X] PROGRAM [WORD…]."""
    words = ctx.argv[1:]
    options: dict[str, str] = {}
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word[:2] in {"-n", "-I"}:
            options[word[1]] = word[2:] or (words.pop(0) if words else "")
        else:
            options[word.lstrip("-")] = ""
    lines = yield from ctx.read_lines()
    arguments = [word for line in lines for word in line.split()]
    program = words or ["echo"]
    if not arguments and ("r" in options or "no-run-if-empty" in options):
        return 0
    size = (
        int(options["n"]) if options.get("n", "").isdecimal() and int(options["n"]) else len(arguments) or 1
    )
    batches = [arguments[at : at + size] for at in range(0, len(arguments), size)] or [[]]
    status = 0
    if mark := options.get("I"):
        batches = [[line] for line in lines]
    for batch in batches:
        argv = [w.replace(mark, batch[0]) for w in program] if mark and batch else [*program, *batch]
        result = yield from ctx.launch(argv, ctx)
        if result:
            status = 123 if result < 126 else result
        if result in {126, 127}:
            break
    return status
