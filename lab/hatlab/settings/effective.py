"""The value of each setting that counts, and where it was given: option, variable, file, screen, default."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from hatlab.errors import FileError, UserError
from hatlab.settings.table import BY_KEY, SETTINGS, Setting
from hatlab.util.switches import FALSE_WORDS, TRUE_WORDS

if TYPE_CHECKING:
    from hatlab.diagnostics.yaml_source import Problem
    from hatlab.settings.config_file import ConfigFile
    from hatlab.settings.remembered import Remembered

Origin = Literal["option", "variable", "file", "screen", "default"]


class Given(NamedTuple):
    """A value, and where it was given."""

    value: Any
    origin: Origin
    place: str = ""
    """The option, the variable, or `file:line`; "" for a default."""


class _Words:
    """Stands for a source of values in which each has a name and no line: options, variables."""

    what = "the settings"

    def problem(self, number: str, _: tuple[str | int, ...], message: str) -> Problem:
        from hatlab.diagnostics.yaml_source import Problem

        return Problem(number, 1, 1, message)

    def mapping_form(self, loc: tuple[str | int, ...]) -> tuple[int, bool]:
        return (len(loc) + 2, False)


class Settings:
    """The settings of one run.

    Args:
        path: of `config.toml`, which need not exist; None for none.
        environ: of the process.
        open_remembered: opens what was changed on the screen, None where that does not count.
    """

    def __init__(
        self,
        path: Path | None = None,
        environ: Mapping[str, str] | None = None,
        open_remembered: Callable[[], Remembered | None] = lambda: None,
    ) -> None:
        self.path = path
        self._open_remembered = open_remembered
        self._environ = environ or {}
        self._options: dict[str, Given] = {}

    def take_options(self, values: Mapping[str, Any]) -> None:
        """Take over what was given on the command line, by the settings' keys."""
        for key, value in values.items():
            setting = BY_KEY[key]
            self._options[key] = _checked(setting, value, "option", setting.flag)

    def given(self, key: str) -> Given:
        """Return the value that counts, and where it was given.

        Raises:
            UserError: a variable, or the file, is wrong; with the place.
        """
        layers = [layer[key] for layer in self._layers if key in layer]
        if key == "keys" and layers:
            merged = {name: text for given in reversed(layers) for name, text in given.value.items()}
            return Given(merged, layers[0].origin, layers[0].place)
        return layers[0] if layers else Given(BY_KEY[key].default, "default")

    def __getitem__(self, key: str) -> Any:
        return self.given(key).value

    def key_places(self) -> dict[str, str]:
        """Return where each command's key was given, by the command's id."""
        places: dict[str, str] = {}
        for layer in reversed(self._layers):
            if given := layer.get("keys"):
                in_file = self._file if given.origin == "file" else None
                for name in given.value:
                    places[name] = in_file.place("keys", name) if in_file else given.place
        return places

    def folders(self) -> list[tuple[Path, str]]:
        """Return the folders of lessons, each with where it was given."""
        given = self.given("lessons")
        return [(self._path_of(text, given), given.place) for text in given.value if text]

    def recording_folder(self) -> Path | None:
        """Return the folder in which every run is recorded, None where it is one of hatlab's, or none."""
        given = self.given("record")
        return self._path_of(given.value, given) if isinstance(given.value, str) else None

    def _path_of(self, text: str, given: Given) -> Path:
        """Return a path; one in the file starts from the file's folder."""
        path = Path(text).expanduser()
        return self.path.parent / path if given.origin == "file" and self.path else path

    @property
    def _layers(self) -> tuple[Mapping[str, Given], ...]:
        return (self._options, self._from_environment, self._from_file, self._from_screen)

    @cached_property
    def remembered(self) -> Remembered | None:
        """What was changed on the screen, None where that does not count."""
        return self._open_remembered()

    @cached_property
    def _file(self) -> ConfigFile | None:
        """The file as it is, None if there is none."""
        if self.path is None or not self.path.exists():
            return None
        from hatlab.settings.config_file import read_config

        return read_config(self.path)

    @cached_property
    def _from_file(self) -> dict[str, Given]:
        if self._file is None:
            return {}
        file = self._file
        for problem in file_problems(file):
            from hatlab.settings.config_file import FIX

            raise FileError(problem.message, FIX, file=str(file.path), line=problem.line)
        return {key: Given(value, "file", file.place(key)) for key, value in file.values.items()}

    @cached_property
    def _from_environment(self) -> dict[str, Given]:
        """The variables. An empty one is none, but for a switch."""
        found = {}
        for setting in SETTINGS:
            text = self._environ.get(setting.variable)
            if text or (text is not None and setting.form == "switch"):
                value = parse_text(setting, text)
                found[setting.key] = _checked(setting, value, "variable", setting.variable)
        return found

    @cached_property
    def _from_screen(self) -> dict[str, Given]:
        kept = self.remembered
        if kept is None:
            return {}
        return {key: Given(value, "screen", str(kept.path)) for key, value in kept.values.items()}


def file_problems(file: ConfigFile) -> Iterator[Problem]:
    """Yield what is wrong with the values of a file."""
    from hatlab.settings.model import value_problems

    yield from value_problems(file.values, file)


def parse_text(setting: Setting, text: str) -> Any:
    """Return a value that is written as text, in a variable.

    Raises:
        UserError: it is no switch, number or pair, as the setting needs.
    """
    name = setting.variable
    match setting.form:
        case "switch" | "recording" if text.lower() in TRUE_WORDS | FALSE_WORDS:
            return text.lower() in TRUE_WORDS
        case "switch":
            raise UserError(
                f"{name} is {text[:40]!r}, which is neither on nor off", f"say {name}=1 or {name}=0"
            )
        case "number":
            if not text.isdecimal():
                raise UserError(f"{name} is {text[:40]!r}, not a whole number", f"for example: {name}=60")
            return int(text)
        case "folders":
            return text.split(os.pathsep)
        case "keys":
            return parse_keys(text.split(), name)
        case _:
            return text


def parse_keys(words: list[str], name: str) -> dict[str, str]:
    """Return pairs `ID=KEY` as a mapping; `name`: where they were given.

    Raises:
        UserError: a word is no pair.
    """
    pairs = [word.partition("=")[::2] for word in words]
    for word, (command, key) in zip(words, pairs, strict=True):
        if not command or not key:
            raise UserError(f"{name}: {word[:40]!r} is not ID=KEY", "for example: lab.kill=f9")
    return dict(pairs)


def _checked(setting: Setting, value: Any, origin: Origin, place: str) -> Given:
    """Return a value that was given outside of the file.

    Raises:
        UserError: it is none of this setting's.
    """
    from hatlab.settings.model import value_problems

    for problem in value_problems({setting.key: value}, _Words()):
        message = problem.message.partition(": ")[2] or problem.message
        hint = f"use one of: {', '.join(setting.all_choices)}" if setting.choices else ""
        raise UserError(f"{place}: {message}", hint)
    return Given(value, origin, place)


_current = Settings()


def current_settings() -> Settings:
    """Return the settings of the command that runs; the defaults where none does."""
    return _current


def use_settings(settings: Settings) -> None:
    """Make these the settings of the command that runs."""
    global _current
    _current = settings
