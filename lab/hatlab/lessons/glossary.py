"""The glossary: what each word of the lessons means and where it is seen; a file beside the lessons.

Each `##` heading is a term. Under it stand, as lines of their own, other forms of the word (`Also: …`) and
the id of the lesson that explains it (`Lesson: …`), both optional; then what it means; then where to see it
(`See: …`). A course has its own in a file of the same name, whose terms come before the shipped ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hatlab.diagnostics.finding import did_you_mean
from hatlab.errors import FileError, UserError
from hatlab.lessons.library.loader import shipped_lessons
from hatlab.util.files import read_bytes

FILE_NAME = "glossary.md"
_MOST_BYTES = 200_000
_HEADING = re.compile(r"^## ++(?P<name>\S(?:.*\S)?)\s*?$", re.M)
_FIELD = re.compile(r"(?P<key>Also|Lesson): *+(?P<value>.++)\n?")
_SEE = re.compile(r"^See: *(?P<see>.+)", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the glossary."""

    name: str
    also: tuple[str, ...]
    """Other forms of it."""
    meaning: str
    """One to three sentences; with inline Markdown."""
    see: str
    """Where it is seen on the screen, "" if nowhere."""
    lesson: str
    """The id of the lesson that explains it, "" if none does."""

    @property
    def forms(self) -> tuple[str, ...]:
        """Return every form of the word."""
        return (self.name, *self.also)


class Glossary:
    """Terms, found by any form of their name.

    Args:
        terms: a term hides later ones with the same name.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        by_name: dict[str, Term] = {}
        for term in terms:
            by_name.setdefault(term.name.casefold(), term)
        self.terms = tuple(sorted(by_name.values(), key=lambda term: term.name.casefold()))
        self._by_form = {form: term for term in self.terms for form in term.forms}
        forms = sorted(self._by_form, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(_form_pattern, forms))})(?![\w-]\w)")

    def find(self, word: str) -> Term:
        """Return the term that a word is a form of, or the only one that begins like it.

        Raises:
            UserError: there is none, or more than one.
        """
        wanted = " ".join(word.split()).casefold()
        by_form = {form.casefold(): term for form, term in self._by_form.items()}
        if wanted in by_form:
            return by_form[wanted]
        matching = [term for term in self.terms if term.name.casefold().startswith(wanted)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            names = ", ".join(term.name for term in matching)
            raise UserError(f"{word!r} could be several terms: {names}", "type more of the word")
        raise UserError(
            f"the glossary has no {word[:40]!r}{did_you_mean(wanted, by_form)}", "`glossary` lists its terms"
        )

    def search(self, query: str) -> list[Term]:
        """Return the terms with all words of a query in their names; if there are none, in their meanings."""
        words = query.casefold().split()
        by_name = [term for term in self.terms if _has_all(" ".join(term.forms), words)]
        return by_name or [term for term in self.terms if _has_all(f"{term.meaning} {term.see}", words)]

    def occurrences(self, text: str) -> Iterator[tuple[int, str, Term]]:
        """Yield (where, form, term) of each term in a text, in order; of two that overlap, the longer one."""
        for match in self._pattern.finditer(text):
            form = " ".join(match[0].split())
            term = self._by_form.get(form) or self._by_form.get(form[0].lower() + form[1:])
            if term is not None:
                yield match.start(), form, term

    def terms_in(self, text: str) -> list[Term]:
        """Return the terms that a text uses, each once, in the order of their first use."""
        return list({term.name: term for _, _, term in self.occurrences(text)}.values())

    def terms_seen_in(self, pane: str) -> list[Term]:
        """Return the terms that are seen in a pane, by its name: `map`, `timeline`, `packets` or `log`."""
        signs = re.compile(r"\b(?:map|box|boxes|wire)\b" if pane == "map" else rf"\b{re.escape(pane)}\b")
        return [term for term in self.terms if signs.search(term.see)]


def _form_pattern(form: str) -> str:
    """Return a pattern for a form of a word: it may begin with a capital, and break over a line."""
    first = rf"[{form[0].upper()}{form[0]}]" if form[0].isalpha() else re.escape(form[0])
    return first + re.escape(form[1:]).replace(r"\ ", r"\s+")


def _has_all(text: str, words: Iterable[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def load_glossary(folders: Iterable[Path] = ()) -> Glossary:
    """Read the glossaries beside lessons.

    Args:
        folders: of lessons, first come first; the shipped one is always the last.

    Raises:
        UserError: a file cannot be read.
        FileError: a term in it is not complete.
    """
    paths = dict.fromkeys([*(folder / FILE_NAME for folder in folders), shipped_lessons() / FILE_NAME])
    return Glossary(term for path in paths if path.is_file() for term in _read_terms(path))


def _read_terms(path: Path) -> list[Term]:
    text = read_bytes(path, _MOST_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")
    return list(parse_terms(text, str(path)))


def parse_terms(text: str, file: str) -> Iterator[Term]:
    """Yield the terms of a glossary's text.

    Raises:
        FileError: a term has no meaning.
    """
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=True):
        body, fields = text[heading.end() : end].strip(), {"Also": "", "Lesson": ""}
        while field := _FIELD.match(body):
            fields[field["key"]] = field["value"]
            body = body[field.end() :]
        see = _SEE.search(body)
        meaning = _one_line(body[: see.start()] if see else body)
        if not meaning:
            line = text.count("\n", 0, heading.start()) + 1
            raise FileError(
                f"{heading['name']!r} has no meaning", "write it under the heading", file=file, line=line
            )
        also = tuple(form.strip() for form in fields["Also"].split(",") if form.strip())
        where = _one_line(see["see"]) if see else ""
        yield Term(heading["name"], also, meaning, where, fields["Lesson"].strip())


def _one_line(text: str) -> str:
    return " ".join(text.split())
