"""The settings of a command: where they are read, and how they reach its arguments.

A command names the settings that it takes by `add_setting_options`. `apply_settings` then puts the value that
counts into its arguments, so a command reads `args.engine` and need not know where that was said.
"""

from __future__ import annotations

import os
from argparse import SUPPRESS, Action, ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatlab.errors import UserError
from hatlab.registry import environment_allows, use_extensions
from hatlab.settings.effective import Settings, current_settings, parse_keys, use_settings
from hatlab.settings.table import BY_KEY, CONFIG_OPTION, CONFIG_VARIABLE, Setting
from hatlab.util.kiosk import is_kiosk
from hatlab.util.terminal import ASCII_VARIABLE

if TYPE_CHECKING:
    from hatlab.settings.remembered import Remembered

TAKEN = "settings_taken"
"""The argument that holds the keys of the settings which a command takes."""
_ONLY_TEXT = {"help", "-h", "--help", "-V", "--version"}
_WORK_WITH_DAMAGE = {"config", "doctor", "-h", "--help"}
"""With a damaged file one still finds out what is wrong, and gets help."""


def take_config_option(argv: Sequence[str]) -> tuple[list[str], str | None]:
    """Return the arguments, without `--config FILE` before the command, and the file that is named."""
    arguments, named = list(argv), None
    while arguments[1:] and arguments[0].partition("=")[0] == CONFIG_OPTION:
        word = arguments.pop(0)
        named = word.partition("=")[2] if "=" in word else arguments.pop(0)
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for index, word in enumerate(ours):
        if word == CONFIG_OPTION and index + 1 < len(ours):
            named = ours[index + 1]
        elif word.startswith(f"{CONFIG_OPTION}="):
            named = word.partition("=")[2]
    return arguments, named


def open_settings(arguments: Sequence[str], config: str | None) -> None:
    """Open the settings of a run, and see to `ascii` and `extensions`, which concern every command.

    Args:
        arguments: the command and what is behind it.
        config: the file that `--config` names, if it is there.

    Raises:
        UserError: there is no such file, or it is no TOML.
    """
    if not arguments or arguments[0] in _ONLY_TEXT:
        return
    path = _config_file(config, arguments)
    use_settings(Settings(path, dict(os.environ), _open_remembered))
    use_extensions(partial(_wants_extensions, path, tuple(arguments)))
    if "--ascii" in arguments:
        os.environ[ASCII_VARIABLE] = "1"
    elif "--no-ascii" in arguments:
        os.environ[ASCII_VARIABLE] = "0"
    elif ASCII_VARIABLE not in os.environ and not _WORK_WITH_DAMAGE & {arguments[0], arguments[-1]}:
        _take_ascii_from_file(path)


def _wants_extensions(path: Path | None, arguments: Sequence[str]) -> bool:
    """Return True unless extensions are turned off.

    It is asked while settings are checked, of which some may name an extension: the file is read as it is.
    """
    setting = BY_KEY["extensions"]
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if setting.flag in ours:
        return False
    if os.environ.get(setting.variable) is not None:
        return environment_allows()
    if path is not None and path.exists():
        from hatlab.settings.config_file import read_config

        with suppress(UserError):  # it is told where the settings are needed
            return read_config(path).values.get(setting.key) is not False
    return True


def _config_file(named: str | None, arguments: Sequence[str]) -> Path | None:
    """Return the file of the settings, None for none: a guest's kiosk reads only one that was named."""
    from hatlab.util.paths import config_path

    place = CONFIG_OPTION if named is not None else CONFIG_VARIABLE
    text = named if named is not None else os.environ.get(CONFIG_VARIABLE)
    if text is None:
        return None if is_kiosk(os.environ) else config_path()
    if text in {"", os.devnull}:
        return None
    path = Path(text).expanduser()
    if not path.exists() and "config" not in arguments[:1]:  # which can write it
        hint = f"hatlab config init {CONFIG_OPTION} {path} writes one"
        raise UserError(f"{place}: there is no file {path}", hint)
    return path


def _take_ascii_from_file(path: Path | None) -> None:
    """Read `ascii`; the rest of the file is checked where it is needed, as most commands need none of it."""
    if path is not None and path.exists():
        from hatlab.settings.config_file import read_config

        if read_config(path).values.get("ascii") is True:
            os.environ[ASCII_VARIABLE] = "1"


def _open_remembered() -> Remembered | None:
    """Open what was changed on the screen; a kiosk neither reads nor writes it."""
    if is_kiosk(os.environ):
        return None
    from hatlab.commands.support.output import print_note
    from hatlab.settings.remembered import FILE_NAME, Remembered
    from hatlab.util.paths import state_dir

    try:
        return Remembered(state_dir() / FILE_NAME, print_note)
    except UserError as error:
        print_note(f"what you change on the screen is not kept: {error.in_one_line}")
        return None


def add_setting_options(parser: ArgumentParser, *keys: str) -> None:
    """Let a command take settings: each by its option, and by every other way in which it can be given."""
    group = parser.add_argument_group("settings", "Your own are kept in a file: see hatlab config.")
    for key in keys:
        _add_option(group, BY_KEY[key])
    parser.set_defaults(**{TAKEN: (*(parser.get_default(TAKEN) or ()), *keys)})


def add_extensions_option(parser: ArgumentParser) -> None:
    """Let a command be run without extensions: `open_settings` reads that option itself."""
    _add_option(parser, BY_KEY["extensions"])


def _add_option(group: Any, setting: Setting) -> None:
    """Add a setting's option, which is absent from the arguments if it is not given."""
    common: dict[str, Any] = {"dest": setting.argument, "default": SUPPRESS, "help": setting.help}
    match setting.form:
        case "switch" if setting.default:
            common["help"] = "use nothing of what other packages add to hatlab"
            group.add_argument(setting.flag, action="store_false", **common)
        case "switch":
            group.add_argument(setting.flag, action=BooleanOptionalAction, **common)
        case "recording":
            common["help"] = "do not record this run"
            group.add_argument(setting.flag, action="store_false", **common)
        case "folders":
            group.add_argument(setting.flag, action="append", metavar=setting.metavar, **common)
        case "keys":
            group.add_argument(setting.flag, action=_KeyAction, metavar=setting.metavar, **common)
        case "number":
            group.add_argument(setting.flag, type=int, metavar=setting.metavar, **common)
        case _:
            is_closed = setting.choices and not setting.adds
            choices = {"choices": setting.choices} if is_closed else {"metavar": setting.metavar}
            group.add_argument(setting.flag, **choices, **common)


class _KeyAction(Action):
    """Gathers `ID=KEY` into a mapping."""

    def __call__(
        self, _parser: ArgumentParser, args: Namespace, value: Any, option: str | None = None
    ) -> None:
        setattr(args, self.dest, {**getattr(args, self.dest, {}), **parse_keys([value], option or "--key")})


def apply_settings(args: Namespace) -> None:
    """Put the value that counts into a command's arguments, for each setting that it takes.

    Raises:
        UserError: a value is wrong; with the place.
    """
    taken = getattr(args, TAKEN, ())
    settings = current_settings()
    arguments = {key: BY_KEY[key].argument for key in taken}
    given = {key: getattr(args, name) for key, name in arguments.items() if hasattr(args, name)}
    settings.take_options(given)
    for key, name in arguments.items():
        setattr(args, name, None if settings[key] == "" else settings[key])
    if "engine" in taken and "docker_context" in given and "engine" not in given:
        args.engine = "docker"  # who names an engine's context here means that engine
