"""Text and its style: what every line of a screen or a page is made of."""

from __future__ import annotations

Piece = tuple[str, str]
"""Text and its style: a colour of the theme, with attributes before it (`bold master`), or the name of a
style of rows."""
Row = tuple[Piece, ...]
"""A line as pieces."""
Part = tuple[int, str | Piece]
"""A rank and a piece. Rank 0 always stays; of the others the highest goes first, with all of its rank."""
