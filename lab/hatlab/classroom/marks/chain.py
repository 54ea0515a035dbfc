"""Signs the recordings of a seat while they grow, and checks what was signed.

Beside a recording `NAME.jsonl` stands `NAME.jsonl.chain`, JSON lines. The first says whose it is. Each other
one signs the lines that were added since the one before: how many lines and bytes there are by then, when
by the class's clock, and a MAC (HMAC-SHA256) over all of it, the digest of the added bytes and the MAC
before. So nothing can be changed, left out or put in between later without the class's key, which no program
has that a student uses.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hatlab.errors import UserError
from hatlab.util.files import append_private, open_input, read_bytes
from hatlab.util.paths import LESSON_SUFFIX
from hatlab.util.visible import to_json

FORMAT, VERSION = "hatlab chain", 1
SUFFIX = ".chain"
MOST_BYTES = 2**26
Status = Literal["signed", "unsigned", "broken", "foreign"]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that were signed together."""

    lines: int
    """Lines of the recording up to its end."""
    bytes: int
    wall: float
    """When, by the class's clock, s since 1970."""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What became of checking a chain."""

    status: Status
    what: str = ""
    """What is wrong with it, a sentence's part; "" if nothing is."""
    number: int = 0
    """Which recording of the seat it is, from 1; 0 if unknown."""
    blocks: tuple[Block, ...] = ()
    """Those that were found to be in order."""

    @property
    def signed_lines(self) -> int:
        return self.blocks[-1].lines if self.blocks else 0


def chain_path(recording: Path) -> Path:
    """Return where the chain of a recording stands."""
    return recording.with_name(recording.name + SUFFIX)


def _key_id(key: bytes) -> str:
    return hmac.new(key, b"hatlab chain key", hashlib.sha256).hexdigest()[:12]


def _mac(key: bytes, before: str, signed: dict[str, Any], block: bytes) -> str:
    text = to_json([before, signed, hashlib.sha256(block).hexdigest()], sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class ChainWriter:
    """Signs one recording while it grows; after a restart it goes on where the chain ends.

    Args:
        recording: the file.
        key: the student's, from the class's secret.
        student: who sits there.
        number: which recording of the seat this is, from 1.
        clock: s since 1970.

    Raises:
        UserError: the files cannot be read, or what was signed is not what stands there now.
    """

    def __init__(
        self,
        recording: Path,
        key: bytes,
        student: str,
        number: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._recording, self._key, self._clock = recording, key, clock
        self._chain = chain_path(recording)
        self._lines = self._bytes = 0
        if self._chain.exists() and _read_lines(self._chain):
            check = check_chain(recording, key, student)
            if check.status != "signed":
                raise UserError(f"{recording} cannot be signed any further: {check.what}")
            if check.blocks:
                self._lines, self._bytes = check.blocks[-1].lines, check.blocks[-1].bytes
            self._last = _read_lines(self._chain)[-1]["mac"]
            append_private(self._chain, "\n")  # behind a line that was cut off
            return
        head = {
            "format": FORMAT,
            "version": VERSION,
            "recording": recording.name,
            "student": student,
            "key": _key_id(key),
            "number": number,
        }
        self._last = _mac(key, "", head, b"")
        begin = "\n" if self._chain.exists() else ""  # behind a first line that was cut off
        append_private(self._chain, begin + to_json({**head, "mac": self._last}) + "\n")

    def follow(self) -> int:
        """Sign the whole lines that were added since the last call; return how many.

        Raises:
            UserError: the recording is gone, or shorter than what was signed.
            OSError: the chain cannot be written; as part of a line may have been, open it anew.
        """
        with open_input(self._recording) as file:
            if file.seek(0, 2) < self._bytes:
                raise UserError(f"{self._recording} is shorter than what was signed of it")
            file.seek(self._bytes)
            added = file.read()
        added = added[: added.rfind(b"\n") + 1]
        if not added:
            return 0
        lines = added.count(b"\n")
        self._lines, self._bytes = self._lines + lines, self._bytes + len(added)
        signed = {"lines": self._lines, "bytes": self._bytes, "wall": round(self._clock(), 3)}
        self._last = _mac(self._key, self._last, signed, added)
        append_private(self._chain, to_json({**signed, "mac": self._last}) + "\n")
        return lines


class SeatSigner:
    """Signs all recordings of lessons in a seat's folder while they grow.

    Args:
        folder: where the seat's recordings are; it may not be there yet.
        key: the student's, from the class's secret.
        student: who sits there.
        clock: s since 1970.
    """

    def __init__(
        self, folder: Path, key: bytes, student: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder, self._key, self._student, self._clock = folder, key, student, clock
        self._writers: dict[Path, ChainWriter | None] = {}
        self._hindered: set[Path] = set()
        """Recordings whose chains cannot be written for now, as it was told."""

    def follow(self) -> list[str]:
        """Sign what was added; call it about once a second. Return what could not be signed, a sentence each.

        What cannot be signed is told once and left alone: grading finds it. A full disk is told once, too;
        what it has kept back is signed when there is room.
        """
        problems = []
        for recording in sorted(self._folder.glob(f"*{LESSON_SUFFIX}")):
            try:
                if recording not in self._writers:
                    self._writers[recording] = None  # unless it can be opened
                    self._writers[recording] = self._open(recording)
                if (writer := self._writers[recording]) is not None:
                    writer.follow()
            except UserError as error:
                self._writers[recording] = None
                problems.append(error.in_one_line)
            except OSError as error:
                del self._writers[recording]
                if recording not in self._hindered:
                    self._hindered.add(recording)
                    problems.append(f"{recording} cannot be signed now: {error.strerror}")
            else:
                self._hindered.discard(recording)
        return problems

    def _open(self, recording: Path) -> ChainWriter:
        number = 1 + max(map(_number_in, self._folder.glob(f"*{LESSON_SUFFIX}{SUFFIX}")), default=0)
        return ChainWriter(recording, self._key, self._student, number, self._clock)


def check_chain(recording: Path, key: bytes | None, student: str) -> ChainCheck:
    """Check the chain of a recording.

    Args:
        recording: the file.
        key: the student's; None without a class, where nothing is known to be signed.
        student: who should have sat there.

    Raises:
        UserError: the recording cannot be read.
    """
    chain = chain_path(recording)
    if not chain.is_file():
        return ChainCheck("unsigned", "it has no chain" if key is not None else "")
    if key is None:
        return ChainCheck("unsigned", "it has a chain; only its class can check it")
    try:
        head, *signed = _read_lines(chain)
        number = head["number"]
        if head.get("key") != _key_id(key) or head.get("student") != student:
            return ChainCheck("foreign", f"it was signed for {head['student']}, or by another class")
        last = head.pop("mac")
        if head["recording"] != recording.name:
            return ChainCheck("foreign", f"its chain is that of {head['recording']}", number)
        if not hmac.compare_digest(last, _mac(key, "", head, b"")):
            return ChainCheck("broken", "the first line of its chain was changed", number)
        blocks: list[Block] = []
        with open_input(recording) as file:
            for place, block in enumerate(signed, 2):
                mac = block.pop("mac")
                begin = blocks[-1].bytes if blocks else 0
                added = file.read(block["bytes"] - begin)
                if not hmac.compare_digest(mac, _mac(key, last, block, added)):
                    first = (blocks[-1].lines if blocks else 0) + 1
                    what = (
                        f"lines {first} to {block['lines']} are not what was signed "
                        f"(line {place} of the chain)"
                    )
                    return ChainCheck("broken", what, number, tuple(blocks))
                last = mac
                blocks.append(Block(block["lines"], block["bytes"], block["wall"]))
            rest = file.read().count(b"\n")
    except OSError as error:
        raise UserError(f"cannot read {recording}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return ChainCheck("broken", "its chain is damaged")
    what = f"its last {rest} lines are not signed" if rest else ""
    return ChainCheck("signed", what, number, tuple(blocks))


def _read_lines(chain: Path) -> list[dict[str, Any]]:
    """Return the lines of a chain; one that was cut off, as its writer was killed, signs nothing."""
    lines = []
    for line in read_bytes(chain, MOST_BYTES).split(b"\n"):
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            lines.append(data)
    return lines


def _number_in(chain: Path) -> int:
    """Return which recording of its seat a chain says that it is of; 0 if it cannot be read."""
    try:
        number = _read_lines(chain)[0]["number"]
        return number if type(number) is int else 0
    except (UserError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return 0


def signed_numbers(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the chains in a folder, each with the number of its recording."""
    for chain in sorted(folder.glob(f"*{SUFFIX}")):
        yield chain, _number_in(chain)
