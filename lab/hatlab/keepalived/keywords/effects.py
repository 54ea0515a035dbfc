"""How far a lab follows a keyword: the shape of the tables of this package.

A keyword is *modelled*: the simulator does what keepalived does of it. Or it is *without effect* in a lab:
nothing that a lab shows depends on it. Or it is *not modelled*: the simulator goes on as if it were not
written, while a lab on Docker runs real keepalived and has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

NAMES = "it gives a name or a place to something, and changes nothing else"
"""Why keywords are without effect that nobody expects to have one."""
MACHINE = "it tunes the process on its machine: priorities, memory, buffers, files"
LOOKS = "it changes how the address looks in `ip addr`, not who answers"


class Effect(Enum):
    """How far a lab follows a keyword."""

    MODELLED = "modelled"
    WITHOUT = "without effect in a lab"
    NOT_MODELLED = "not modelled"


@dataclass(frozen=True, slots=True)
class Block:
    """The keywords of one block, or the words of its lines if it holds a list.

    To say that the simulator now models a keyword, move it from `not_modelled` to `modelled`.
    """

    modelled: str = ""
    """Keywords, between blanks."""
    without_effect: Mapping[str, str] = field(default_factory=dict)
    """Why → keywords."""
    not_modelled: Mapping[str, str] = field(default_factory=dict)
    """What the simulator does instead → keywords."""
    is_list: bool = False
    """It holds values, one a line, instead of settings."""

    def entries(self) -> Iterator[tuple[str, Effect, str]]:
        """Each keyword, how far it is followed, and why."""
        for keyword in self.modelled.split():
            yield keyword, Effect.MODELLED, ""
        for effect, rows in ((Effect.WITHOUT, self.without_effect), (Effect.NOT_MODELLED, self.not_modelled)):
            for why, text in rows.items():
                for keyword in text.split():
                    yield keyword, effect, why


def lines(
    modelled: str = "",
    *,
    without_effect: Mapping[str, str] | None = None,
    not_modelled: Mapping[str, str] | None = None,
) -> Block:
    """A block that holds values, one a line, with these words in its lines."""
    return Block(modelled, without_effect or {}, not_modelled or {}, is_list=True)
