"""The site's configuration: docs/mkdocs.yml, with the pages that are made put where it has a *."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from tests.site.sources import DOCS

FILE = DOCS / "mkdocs.yml"


def read_configuration(pages: Iterable[str]) -> dict[str, Any]:
    """Return the configuration of a site of these pages.

    Args:
        pages: names as in `commands/start.md`, in the order in which they follow one another.
    """
    configuration: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    configuration["nav"] = list(_filled(configuration["nav"], list(pages)))
    return configuration


def _filled(entries: list[Any], pages: list[str]) -> Iterator[Any]:
    for entry in entries:
        match entry:
            case dict():
                yield {k: v if isinstance(v, str) else list(_filled(v, pages)) for k, v in entry.items()}
            case str() if entry.endswith("/*"):
                name = entry.removesuffix("/*")
                yield {f"Every {name.removesuffix('s')}": [p for p in pages if p.startswith(f"{name}/")]}
            case _:
                yield entry


def pages_in(nav: list[Any]) -> Iterator[str]:
    """Yield the page of each entry of a navigation."""
    for entry in nav:
        match entry:
            case str():
                yield entry
            case dict():
                for value in entry.values():
                    yield from pages_in([value] if isinstance(value, str) else value)
