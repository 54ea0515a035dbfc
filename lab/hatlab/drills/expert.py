"""The order in which an expert looks: each look rules something out, until one cause is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatlab.drills.model import Cause, Look, Sign


def find_way(causes: Sequence[Cause], choices: Sequence[Cause]) -> tuple[Look, ...]:
    """Return the looks that lead to the true causes, and what each rules out.

    Args:
        causes: the true ones.
        choices: all that are offered.
    """
    left = [choice for choice in choices if choice not in causes]
    looks: list[Look] = []
    for cause in causes:
        for sign in cause.signs:
            ruled_out = [choice for choice in left if _contradicts(choice, sign)]
            left = [choice for choice in left if choice not in ruled_out]
            if ruled_out or sign is cause.signs[-1]:
                _add_look(looks, Look(sign.place, sign.shows, tuple(choice.name for choice in ruled_out)))
    return tuple(looks)


def _add_look(looks: list[Look], look: Look) -> None:
    """Add a look; who stays at a place has not looked twice."""
    if looks and looks[-1].place == look.place:
        before = looks.pop()
        look = Look(look.place, f"{before.shows} {look.shows}", (*before.rules_out, *look.rules_out))
    looks.append(look)


def contradictions(cause: Cause, signs: Sequence[Sign]) -> Iterator[Sign]:
    """Yield the signs of a cause to which other signs at the same place give another answer."""
    for own in cause.signs:
        if any((own.place, own.about) == (s.place, s.about) and own.shows != s.shows for s in signs):
            yield own


def _contradicts(cause: Cause, sign: Sign) -> bool:
    return any(contradictions(cause, [sign]))
