"""Where words are found in a list of texts, and which place comes next. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from hatlab.tui.widgets.filter_match import compile_filter


def find_places(texts: Sequence[str], words: str) -> list[int]:
    """Return the number of each text that has all words, as a filter finds them."""
    pattern = compile_filter(words)
    if pattern is None:
        return []
    return [number for number, text in enumerate(texts) if pattern.match(f" {text.lower()} ")]


def next_place(places: Sequence[int], current: int | None, direction: int) -> int | None:
    """Return the place after the current one (1), before it (-1), or it or the one after it (0).

    Behind the last place comes the first one again. None if there are no places.
    """
    if not places:
        return None
    if current is None:
        return places[-1] if direction < 0 else places[0]
    if direction < 0:
        return next((place for place in reversed(places) if place < current), places[-1])
    return next(
        (place for place in places if place > current or (place == current and not direction)), places[0]
    )
