"""Which extensions are installed: entry points of other packages, in groups of hatlab's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from hatlab.registry.problems import ExtensionProblem, forget_problems, report
from hatlab.util.switches import FALSE_WORDS

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

API_VERSION = 1
"""The version of `hatlab.extensions`; a module with extensions says for which it is written."""
API_VARIABLE = "EXTENSION_API"
"""The name in such a module that says so."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Kind(StrEnum):
    """What an extension adds."""

    CHECK = "check"
    ACTION = "action"
    CONDITION = "condition"
    ENGINE = "engine"

    @property
    def group(self) -> str:
        """The group of its entry points."""
        return f"hatlab.{self.value}s"


@dataclass(frozen=True, slots=True, eq=False)
class Extension:
    """One thing that an installed package adds."""

    kind: Kind
    name: str
    package: str
    version: str
    entry: EntryPoint

    @property
    def title(self) -> str:
        """What it is, as in a sentence: the action 'strike' of hatlab-example 1.0."""
        return f"the {self.kind} {self.name!r} of {self.package} {self.version}"

    @property
    def update_hint(self) -> str:
        """What to do if it is broken."""
        return f"update or remove the package: pip install -U {self.package}, or pip uninstall {self.package}"

    @property
    def complaint_hint(self) -> str:
        """What to do if its authors have to change it."""
        return f"tell the authors of {self.package}, or remove it: pip uninstall {self.package}"

    def report(self, what: str, hint: str = "") -> None:
        """Tell, once, what is wrong with it."""
        report(ExtensionProblem(self.title, what, hint or self.update_hint))

    def load(self) -> Any:
        """Import it.

        Raises:
            Exception: whatever its module raises.
        """
        return self.entry.load()

    @property
    def api_version(self) -> object:
        """The version of `hatlab.extensions` that its module, once imported, says it is for; None if none."""
        name = self.entry.module
        while name:  # a package says it for all its modules
            if (version := getattr(sys.modules.get(name), API_VARIABLE, None)) is not None:
                return version
            name = name.rpartition(".")[0]
        return None


def describe_error(error: BaseException) -> str:
    """Return an error of an extension's in one line."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def environment_allows() -> bool:
    """Return True unless the environment turns extensions off; for who has no settings, as a program."""
    return os.environ.get("HATLAB_EXTENSIONS", "on").lower() not in FALSE_WORDS


_wanted: Callable[[], bool] = environment_allows


def use_extensions(wanted: Callable[[], bool]) -> None:
    """Say what tells whether extensions are wanted: it is asked once, when one is needed. Starts anew."""
    global _wanted
    _wanted = wanted
    are_wanted.cache_clear()
    _scan.cache_clear()
    forget_problems()


@cache
def are_wanted() -> bool:
    """Return True unless extensions are turned off."""
    return _wanted()


def find_extensions(kind: Kind | None = None) -> tuple[Extension, ...]:
    """Return the extensions that are installed, of one kind or of all; none is imported.

    They are sorted by package: if two have the same name, the first one counts.
    """
    found = _scan() if are_wanted() else ()
    return tuple(each for each in found if kind in (None, each.kind))


def is_installed(package: str) -> bool:
    """Return True if a package with extensions is installed (and they are not turned off)."""
    return any(package_name(each.package) == package_name(package) for each in find_extensions())


def package_name(package: str) -> str:
    """Return a package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


@cache
def _scan() -> tuple[Extension, ...]:
    from importlib.metadata import distributions

    by_package: dict[str, list[Extension]] = {}
    for distribution in distributions(path=list(_places())):
        found = list(_extensions_of(distribution))
        if found:  # of two versions on Python's path the first one counts, as in an import
            by_package.setdefault(package_name(found[0].package), found)
    return tuple(each for _, found in sorted(by_package.items()) for each in found)


def _places() -> Iterator[str]:
    """Yield Python's path without the folder where one is, which `python -m` puts there, whosever it is."""
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # the folder is gone
        here = ""
    yield from (place for place in sys.path if place and os.path.realpath(place) != here)


def _extensions_of(distribution: Distribution) -> Iterator[Extension]:
    """Yield what a package adds; one whose metadata cannot be read is some other package's business."""
    kinds = {kind.group: kind for kind in Kind}
    try:
        entries = [entry for entry in distribution.entry_points if entry.group in kinds]
        if not entries:
            return
        package, version = str(distribution.metadata["Name"]), str(distribution.version)
    except Exception:  # noqa: BLE001  other people's files can be damaged in any way
        return
    for entry in sorted(entries, key=lambda each: (list(kinds).index(each.group), each.name)):
        extension = Extension(kinds[entry.group], entry.name, package, version, entry)
        if _NAME.fullmatch(entry.name):
            yield extension
        else:
            what = "is left out: a name has lower-case letters, digits, `-` and `_` only"
            extension.report(what, extension.complaint_hint)
