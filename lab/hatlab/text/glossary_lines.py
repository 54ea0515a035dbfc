"""The glossary as lines of text: its list of terms, or one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hatlab.lessons.glossary import Glossary, Term
from hatlab.text.markdown_text import format_text


def answer_glossary_query(
    glossary: Glossary, words: Sequence[str], width: int | None = None, used_here: Iterable[Term] = ()
) -> Iterator[str]:
    """Yield the lines of what was asked: a term, or without words all of them.

    Args:
        glossary: where to look.
        words: of the term.
        width: columns of a line; None for as long as it is.
        used_here: the terms of what is being read, listed before the others.

    Raises:
        UserError: there is no such term, or more than one.
    """
    if words:
        yield from format_term(glossary.find(" ".join(words)), width).split("\n")
        return
    if here := ", ".join(term.name for term in used_here):
        yield from format_text(f"Used here: {here}.", width).split("\n")
    everything = ", ".join(term.name for term in glossary.terms)
    yield from format_text(f"All words: {everything}.", width).split("\n")


def format_term(term: Term, width: int | None = None) -> str:
    """Return a term with its other forms, what it means and where it is seen, each in lines of its own."""
    name = f"{term.name} ({', '.join(term.also)})" if term.also else term.name
    see = f"See: {term.see}" if term.see else ""
    lesson = f"Explained in: hatlab learn {term.lesson}" if term.lesson else ""
    return "\n".join(format_text(part, width) for part in (name, term.meaning, see, lesson) if part)
