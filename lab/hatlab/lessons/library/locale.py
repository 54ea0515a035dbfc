"""Chooses the language of a lesson for a learner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

ORIGINAL = "en"
"""The language of what ships with hatlab; taken where there is none that a learner asked for."""


def preferred_languages(environ: Mapping[str, str], requested: str | None = None) -> tuple[str, ...]:
    """Return a learner's languages, best first: the one requested, then the locale's, as gettext reads it.

    gettext: LANGUAGE is a list, and counts only where the locale (LC_ALL, LC_MESSAGES, LANG: the first that
    is set) is not `C`.
    """
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for variable in variables if (value := environ.get(variable))), "C")
    listed = environ.get("LANGUAGE", "").split(":") if _language_tag(locale) else []
    tags = map(_language_tag, [requested or "", *listed, locale])
    return tuple(dict.fromkeys(filter(None, tags)))


def best_language(offered: Iterable[str], wanted: Sequence[str]) -> str:
    """Return the language to take of those offered: as wanted, or of that kind, or English, or the first.

    Raises:
        ValueError: none is offered.
    """
    languages = sorted(set(offered), key=lambda language: (language != ORIGINAL, language))
    if not languages:
        raise ValueError("no language is offered")
    return match_language(languages, wanted) or languages[0]


def match_language(offered: Iterable[str], wanted: Sequence[str]) -> str | None:
    """Return the first of the languages offered that is as wanted, or of that kind; None if none is."""
    for language in wanted:
        alike = [other for other in offered if _base_language(other) == _base_language(language)]
        if alike:
            return next((other for other in alike if other.lower() == language.lower()), alike[0])
    return None


def _language_tag(locale: str) -> str:
    """Return `zh-CN` for `zh_CN.UTF-8`; "" for a locale of no language."""
    tag = locale.split(".")[0].split("@")[0].replace("_", "-")
    return "" if tag in {"C", "POSIX"} else tag


def _base_language(language: str) -> str:
    return language.split("-")[0].lower()
