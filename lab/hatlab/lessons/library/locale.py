"""Which of a lesson's languages a learner is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

ORIGINAL = "en"
"""The language of what ships with hatlab; taken where there is none that a learner asked for."""


def preferred_languages(environ: Mapping[str, str], asked: str | None = None) -> tuple[str, ...]:
    """A learner's languages, best first: the one asked for, then the locale's, as gettext reads it.

    gettext: LANGUAGE is a list, and counts only where the locale (LC_ALL, LC_MESSAGES, LANG: the first that
    is set) is not `C`.
    """
    locale = next((v for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environ.get(key))), "C")
    listed = environ.get("LANGUAGE", "").split(":") if _language_tag(locale) else []
    found = [asked or "", *listed, locale]
    return tuple(dict.fromkeys(tag for each in found if (tag := _language_tag(each))))


def best_language(offered: Iterable[str], wanted: Sequence[str]) -> str:
    """The language to take of those offered: as wanted, or another of that kind, or English, or the first.

    Raises:
        ValueError: none is offered.
    """
    known = sorted(set(offered), key=lambda each: (each != ORIGINAL, each))
    if not known:
        raise ValueError("no language is offered")
    return match_language(known, wanted) or known[0]


def match_language(known: Iterable[str], wanted: Sequence[str]) -> str | None:
    """The first of what is known that is as wanted, or of that kind; None if none is."""
    for want in wanted:
        alike = [each for each in known if _base_language(each) == _base_language(want)]
        if alike:
            return next((each for each in alike if each.lower() == want.lower()), alike[0])
    return None


def _language_tag(locale: str) -> str:
    """`zh-CN` for `zh_CN.UTF-8`; "" for a locale of no language."""
    tag = locale.split(".")[0].split("@")[0].replace("_", "-")
    return "" if tag in {"C", "POSIX"} else tag


def _base_language(language: str) -> str:
    return language.split("-")[0].lower()
