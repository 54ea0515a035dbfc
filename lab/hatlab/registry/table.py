"""A table of one kind: hatlab's own entries, and those of extensions, imported when they are needed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from threading import RLock
from typing import Any, Generic, TypeVar

from hatlab.registry.installed import (
    API_VARIABLE,
    API_VERSION,
    Extension,
    Kind,
    describe_error,
    find_extensions,
)

T = TypeVar("T")
Fit = Callable[[T, Extension], T]
"""Takes what an extension gave, and returns it as the table keeps it, or raises `Unfit`."""


class Unfit(Exception):
    """What an extension gave cannot be used; the message ends the sentence "… is left out: "."""


def require_kind(given: object, kind: type, extension: Extension) -> None:
    """Raise Unfit unless what an extension gave is of this class, and has the name of its entry point."""
    if not isinstance(given, kind):
        raise Unfit(f"it gives no {kind.__name__}, but {type(given).__name__}")
    require_name(given, kind.__name__, extension)


def require_name(given: Any, called: str, extension: Extension) -> None:
    """Raise Unfit unless what an extension gave, `called` so, has the name of its entry point."""
    if given.name != extension.name:
        raise Unfit(f"the entry point is called {extension.name!r}, and the {called} in it {given.name!r}")


class Table(Mapping[str, T], Generic[T]):
    """What hatlab knows of one kind, by name.

    A name of hatlab's own is found without looking for extensions. Whatever is wrong with one of those is
    told, once, and the rest goes on.

    Args:
        kind: of its entries; None for a table that no extension adds to.
        own: hatlab's entries.
        fit: looks at what an extension gave.
    """

    def __init__(self, kind: Kind | None, own: Mapping[str, T], fit: Fit[T] = lambda entry, _: entry) -> None:
        self.kind = kind
        self._own = dict(own)
        self._fit = fit
        self._loaded: dict[Extension, T | None] = {}
        self._loading = RLock()

    def __getitem__(self, name: str) -> T:
        if name in self._own:
            return self._own[name]
        if (extension := self.source(name)) is None or (entry := self._load(extension)) is None:
            raise KeyError(name)
        return entry

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from (each.name for each in self.extensions() if self._load(each) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def own(self) -> Mapping[str, T]:
        """Hatlab's own entries."""
        return self._own

    @property
    def names(self) -> tuple[str, ...]:
        """All names; no extension is imported for it."""
        return (*self._own, *(each.name for each in self.extensions()))

    def add(self, name: str, entry: T) -> None:
        """Add an entry of hatlab's own."""
        self._own[name] = entry

    def extensions(self) -> Iterable[Extension]:
        """Yield the extensions of this kind whose names are their own."""
        if self.kind is None:
            return
        taken: dict[str, Extension | None] = dict.fromkeys(self._own)
        for extension in find_extensions(self.kind):
            if extension.name not in taken:
                taken[extension.name] = extension
                yield extension
                continue
            other = taken[extension.name]
            whose = f"{other.package} {other.version}" if other else "hatlab itself"
            extension.report(
                f"is left out: {whose} has {self._article} {self.kind} of that name",
                f"remove the one that you need less: pip uninstall {extension.package}"
                if other
                else extension.complaint_hint,
            )

    @property
    def _article(self) -> str:
        return "an" if self.kind in (Kind.ACTION, Kind.ENGINE) else "a"

    def source(self, name: str) -> Extension | None:
        """Return the extension whose name this is, None if it is hatlab's own, or nobody's."""
        if name in self._own or " " in name:  # only hatlab's own names have several words
            return None
        return next((each for each in self.extensions() if each.name == name), None)

    def _load(self, extension: Extension) -> T | None:
        """Return what an extension gives, None (and tell why) if that cannot be used."""
        with self._loading:  # whoever asks from another thread waits until it is there
            if extension not in self._loaded:
                self._loaded[extension] = None  # for what its own module asks on the way
                self._loaded[extension] = self._import(extension)
            return self._loaded[extension]

    def _import(self, extension: Extension) -> T | None:
        try:
            with redirect_stdout(sys.stderr):  # stdout may be JSON
                given: Any = extension.load()
            version = extension.api_version
            if version != API_VERSION:
                _report_version(extension, version)
                return None
            return self._fit(given, extension)
        except Unfit as unfit:
            extension.report(f"is left out: {unfit}")
        except (Exception, SystemExit) as error:  # noqa: BLE001  another's code can raise anything
            extension.report(f"cannot be loaded: {describe_error(error)}")
        return None


def _report_version(extension: Extension, version: object) -> None:
    """Say that a module is written for another hatlab, or does not say for which."""
    module = extension.entry.module
    if version is None:
        extension.report(
            f"is left out: {module} does not say for which API of hatlab it is written",
            f"its authors have to write {API_VARIABLE} = {API_VERSION} into {module}",
        )
        return
    newer = isinstance(version, int) and version > API_VERSION
    text = f"is left out: it is written for API {str(version)[:20]} of hatlab, and this one has {API_VERSION}"
    extension.report(text, "update hatlab: pip install -U hatlab" if newer else "")
