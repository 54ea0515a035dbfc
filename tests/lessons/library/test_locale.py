"""Which language a learner is given."""

from __future__ import annotations

import pytest

from hatlab.lessons.library.locale import best_language, preferred_languages


@pytest.mark.parametrize(
    ("environ", "asked", "found"),
    [
        ({}, None, ()),
        ({"LANG": "C.UTF-8"}, None, ()),
        ({"LANG": "de_AT.UTF-8"}, None, ("de-AT",)),
        ({"LANG": "de_DE", "LC_ALL": "POSIX", "LANGUAGE": "fr"}, None, ()),
        ({"LANG": "de_DE", "LC_MESSAGES": "fr_FR@euro"}, None, ("fr-FR",)),
        ({"LANG": "en_GB", "LANGUAGE": "zh_CN:zh:en"}, None, ("zh-CN", "zh", "en", "en-GB")),
        ({"LANG": "de_DE.UTF-8"}, "zh-CN", ("zh-CN", "de-DE")),
    ],
)
def test_languages_are_preferred_as_gettext_does(
    environ: dict[str, str], asked: str | None, found: tuple[str, ...]
) -> None:
    assert preferred_languages(environ, asked) == found


@pytest.mark.parametrize(
    ("offered", "wanted", "found"),
    [
        (["en"], ("de",), "en"),
        (["de", "en"], (), "en"),
        (["de", "en"], ("de-AT",), "de"),
        (["zh-TW", "zh-CN", "en"], ("zh-CN",), "zh-CN"),
        (["zh-TW", "en"], ("zh-CN", "en"), "zh-TW"),
        (["de", "fr"], ("it",), "de"),
        (["de", "en"], ("fr", "de"), "de"),
    ],
)
def test_the_best_language_offered_is_taken(offered: list[str], wanted: tuple[str, ...], found: str) -> None:
    assert best_language(offered, wanted) == found


def test_no_language_offered_is_an_error() -> None:
    with pytest.raises(ValueError, match="no language"):
        best_language([], ("de",))
