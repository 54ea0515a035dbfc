"""Regular expressions of strangers: whatever they say, matching ends soon.

Python's `re` tries every way in which a text may match, and holds the interpreter meanwhile: `(a+)+$` and
thirty letters stop all of hatlab. So where the ways may be too many for a text, it is matched as RE2's
BitState does: by a program of the expression, no instruction of which is tried twice at the same letter.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from re import _compiler, _parser  # type: ignore[attr-defined]  # what re itself is made of: there is nothing public
from typing import Any

CHEAP = 1e6
"""Ways of matching a text up to which `re` does it: 10 ms at worst."""
MAX_STEPS = 1_000_000
"""Instructions that are tried for one text, about a second; after that it does not match."""
MAX_PROGRAM = 5000
"""Instructions of an expression."""
_ONE_LETTER = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})
_Instruction = tuple[str, Any, Any]
"""(`letter` or `place`, its pattern, 0), (`split`, first, second), (`jump`, to, 0), (`save`, slot, 0) or
(`match`, 0, 0)."""


class Found:
    """A match that a program found.

    Args:
        text: all of it.
        slots: the start and end of the match, and of each group; -1 where there is none.
    """

    def __init__(self, text: str, slots: list[int]) -> None:
        self._text, self._slots = text, slots

    def group(self, number: int = 0, /) -> str | None:
        start, end = self._slots[2 * number : 2 * number + 2]
        return self._text[start:end] if end >= 0 else None

    def groups(self) -> tuple[str | None, ...]:
        return tuple(self.group(number) for number in range(1, len(self._slots) // 2))

    def start(self) -> int:
        return self._slots[0]

    def end(self) -> int:
        return self._slots[1]

    def expand(self, template: str) -> str:
        def put_in(part: re.Match[str]) -> str:
            if part[1] or part[2]:
                return self.group(int(part[1] or part[2])) or ""
            return {"n": "\n", "t": "\t"}.get(part[3], part[3])

        return re.sub(r"\\(?:g<(\d+)>|(\d)|(.))", put_in, template, flags=re.DOTALL)


Match = re.Match[str] | Found
"""What either way of matching tells."""


class BoundedPattern:
    """A regular expression in Python's words.

    Raises:
        re.error: it is none.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what may mean more one day
            self._re = re.compile(pattern, flags)
            self._tree = _parser.parse(pattern, flags)
        self.pattern = pattern

    def search(self, text: str) -> Match | None:
        """Return the first match."""
        return self._re.search(text) if self._is_cheap(text) else next(self._find(text), None)

    def match(self, text: str) -> Match | None:
        """Return the match at the start."""
        return self._re.match(text) if self._is_cheap(text, 1) else self._run(text, 0, moves=False)

    def fullmatch(self, text: str) -> Match | None:
        """Return the match of all."""
        if self._is_cheap(text, 1):
            return self._re.fullmatch(text)
        return self._run(text, 0, moves=False, whole=True)

    def finditer(self, text: str) -> Iterator[Match]:
        """Yield all matches."""
        return self._re.finditer(text) if self._is_cheap(text) else self._find(text)

    def subn(self, new: str | Callable[[Match], str], text: str, count: int = 0) -> tuple[str, int]:
        """Return a text with something else, or a template filled in, in place of its first matches or, if
        `count` is 0, of all; and how many there were."""
        if self._is_cheap(text):
            return self._re.subn(new, text, count=count)
        parts, at, number = list[str](), 0, 0
        for number, match in enumerate(self._find(text), 1):
            parts += [text[at : match.start()], match.expand(new) if isinstance(new, str) else new(match)]
            at = match.end()
            if number == count:
                break
        return "".join(parts) + text[at:], number

    def split(self, text: str) -> list[str]:
        """Return what stands between the matches."""
        if self._is_cheap(text):
            return self._re.split(text)
        ends = [(0, 0), *((match.start(), match.end()) for match in self._find(text)), (len(text), 0)]
        return [text[before[1] : after[0]] for before, after in pairwise(ends)]

    # -- which way

    def _is_cheap(self, text: str, starts: int = 0) -> bool:
        """True if `re` may match a text, beginning at so many places, or anywhere."""
        length = len(text) + 1
        return _ways(self._tree, length) * (starts or length) <= CHEAP

    @cached_property
    def _program(self) -> list[_Instruction] | None:
        """None if it has what no program can do: it looks ahead, back, or at what it matched before."""
        program: list[_Instruction] = [("save", 0, 0)]
        try:
            _compile(self._tree, self._tree.state, program)
        except NotImplementedError:
            return None
        return [*program, ("save", 1, 0), ("match", 0, 0)]

    # -- matching

    def _find(self, text: str) -> Iterator[Found]:
        at, last_empty, budget = 0, -1, [MAX_STEPS]
        while found := self._run(text, at, budget=budget, not_empty_at=last_empty):
            yield found
            at = found.end()
            last_empty = at if found.start() == at else -1

    def _run(
        self,
        text: str,
        at: int,
        *,
        moves: bool = True,
        whole: bool = False,
        not_empty_at: int = -1,
        budget: list[int] | None = None,
    ) -> Found | None:
        """Return the first match from a place on, or at it, unless that is too much work."""
        program, budget = self._program, budget or [MAX_STEPS]
        if program is None:
            return None
        tried = bytearray(min(len(program) * (len(text) + 1), MAX_STEPS * 8))
        for start in range(at, (len(text) if moves else at) + 1):
            slots = [-1] * (2 * self._re.groups + 2)
            todo: list[tuple[int, int, int]] = [(0, start, -1)]
            """(instruction, place, -1), or (slot, what it was, -2)."""
            while todo:
                here, place, kind = todo.pop()
                if kind == -2:
                    slots[here] = place
                    continue
                budget[0] -= 1
                key = here * (len(text) + 1) + place
                if budget[0] <= 0 or key >= len(tried):
                    return None
                if tried[key]:
                    continue
                tried[key] = 1
                operation, first, second = program[here]
                match operation:
                    case "letter" if first.match(text, place):
                        todo.append((here + 1, place + 1, -1))
                    case "place" if first.match(text, place):
                        todo.append((here + 1, place, -1))
                    case "split":
                        todo += [(second, place, -1), (first, place, -1)]
                    case "jump":
                        todo.append((first, place, -1))
                    case "save":
                        todo += [(first, slots[first], -2), (here + 1, place, -1)]
                        slots[first] = place
                    case "match" if (not whole or place == len(text)) and not (
                        start == place == not_empty_at
                    ):
                        return Found(text, slots)
        return None


@lru_cache(maxsize=256)
def compile_bounded(pattern: str, flags: int = 0) -> BoundedPattern:
    """Return a regular expression in Python's words, compiled.

    Raises:
        re.error: it is none.
    """
    return BoundedPattern(pattern, flags)


def _ways(tree: Any, length: int) -> float:
    """Return in how many ways `re` may try to match a text of this length at one place, at most."""
    ways = 1.0
    for operation, argument in tree:
        match str(operation):
            case "BRANCH":
                ways *= sum(_ways(branch, length) for branch in argument[1])
            case "SUBPATTERN":
                ways *= _ways(argument[-1], length)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, body = argument
                times = min(float(most), float(length))
                each = _ways(body, length)
                try:
                    ways *= max(1.0, times - least + 1) * each**times
                except OverflowError:
                    return float("inf")
            case "ASSERT" | "ASSERT_NOT":
                ways *= _ways(argument[1], length)
            case "ATOMIC_GROUP":  # left once, its ways are not tried again
                within = _ways(argument, length)
                ways *= within if within > length + 1 else 1
            case "GROUPREF_EXISTS":
                ways *= sum(_ways(branch, length) for branch in argument[1:] if branch is not None)
    return ways


def _compile(tree: Any, state: Any, program: list[_Instruction]) -> None:
    """Add what matches a part of an expression to its program."""
    if len(program) > MAX_PROGRAM:
        raise NotImplementedError
    for operation, argument in tree:
        match str(operation):
            case name if name in _ONE_LETTER or name == "AT":
                single = _compiler.compile(_parser.SubPattern(state, [(operation, argument)]))
                program.append(("place" if name == "AT" else "letter", single, 0))
            case "ATOMIC_GROUP":
                raise NotImplementedError
            case "SUBPATTERN" if not (argument[1] or argument[2]):
                number = argument[0]
                program += [("save", 2 * number, 0)] if number else []
                _compile(argument[3], state, program)
                program += [("save", 2 * number + 1, 0)] if number else []
            case "BRANCH":
                ends = []
                for branch in argument[1][:-1]:
                    split = len(program)
                    program.append(("split", 0, 0))
                    _compile(branch, state, program)
                    ends.append(len(program))
                    program.append(("jump", 0, 0))
                    program[split] = ("split", split + 1, len(program))
                _compile(argument[1][-1], state, program)
                for end in ends:
                    program[end] = ("jump", len(program), 0)
            case "MAX_REPEAT" | "MIN_REPEAT":
                _compile_repeat(argument, str(operation) == "MAX_REPEAT", state, program)
            case _:
                raise NotImplementedError


def _compile_repeat(argument: Any, is_greedy: bool, state: Any, program: list[_Instruction]) -> None:
    least, most, body = argument
    for _ in range(least):
        _compile(body, state, program)
    is_endless = most == _parser.MAXREPEAT
    splits = []
    for _ in range(1 if is_endless else most - least):
        splits.append(len(program))
        program.append(("split", 0, 0))
        _compile(body, state, program)
    if is_endless:
        program.append(("jump", splits[0], 0))
    for split in splits:
        into, past = split + 1, len(program)
        program[split] = ("split", into, past) if is_greedy else ("split", past, into)
