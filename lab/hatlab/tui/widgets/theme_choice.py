"""Themes to choose from: our two, the well-known ones of Textual's, and those in a person's own files.

In any of them what has to be read can be read: a colour that is too near to its ground is made lighter or
darker, and the colours that only hatlab has are made from the theme's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from hatlab.diagnostics.finding import did_you_mean
from hatlab.errors import FileError, UserError
from hatlab.settings.config_file import read_config
from hatlab.settings.effective import Settings
from hatlab.settings.table import THEMES as NAMES
from hatlab.tui.widgets.contrast import TEXT, readable
from hatlab.tui.widgets.theme import DARK_COLOURS, REVERSED, THEMES, scroll_bar_colours

_OF_TEXTUAL = ("primary", "secondary", "accent", "success", "warning", "error")
_GROUNDS = ("background", "surface", "panel")
_COLOURS = (*_OF_TEXTUAL, "foreground", *_GROUNDS)
"""What a file of a theme may have besides our own colours and `dark`; only `primary` must be there."""
_FROM = {
    "master": "success",
    "backup": "primary",
    "fault": "error",
    "vip": "accent",
    "wire": "secondary",
    "warn": "warning",
}
"""A colour of ours → the one of a theme that stands for it."""
_NOT_READ = {"line", "alarm", "past", "out"}
_TINT = 0.14
"""How much of a colour is mixed into a ground that text of any colour stands on."""
_WHITE, _BLACK = Color(255, 255, 255), Color(0, 0, 0)


def themes_folder(settings: Settings) -> Path | None:
    """The folder of a person's own themes, one `NAME.toml` each; it need not exist."""
    return settings.path.parent / "themes" if settings.path is not None else None


def theme_names(settings: Settings) -> tuple[str, ...]:
    """Every theme's name, a person's own last."""
    folder = themes_folder(settings)
    own = sorted(path.stem for path in folder.glob("*.toml")) if folder is not None else []
    return (*NAMES, *(name for name in own if name not in NAMES))


def check_theme(settings: Settings) -> None:
    """Refuse a theme that is not there, or a file of one with a mistake.

    Raises:
        UserError: with the place where the theme was chosen, or of the mistake.
    """
    given = settings.given("theme")
    if given.origin == "screen":
        return  # its file may have gone since; the default is shown then
    if problem := theme_problem(settings):
        raise UserError(f"{given.place}: {problem}", f"the themes: {', '.join(theme_names(settings))}")
    find_theme(given.value, settings)


def theme_problem(settings: Settings) -> str:
    """Return what is wrong with the name of the chosen theme, "" if nothing is."""
    name, names = settings["theme"], theme_names(settings)
    return "" if name in names else f"there is no theme '{name}'{did_you_mean(name, names)}"


def find_theme(name: str, settings: Settings) -> Theme:
    """Return a theme by its name.

    Raises:
        FileError: the file of a person's own has a mistake.
        KeyError: there is none.
    """
    folder = themes_folder(settings)
    if folder is not None and name not in NAMES and (path := folder / f"{name}.toml").is_file():
        return complete_theme(read_theme(path))
    ours = {theme.name: theme for theme in THEMES}
    return ours[name] if name in ours else complete_theme(BUILTIN_THEMES[name])


def install_theme(app: App[Any], settings: Settings) -> None:
    """Give an app our two themes and the chosen one, and show that."""
    for name in tuple(app.available_themes):
        app.unregister_theme(name)
    for theme in THEMES:
        app.register_theme(theme)
    chosen = settings["theme"]
    try:
        app.register_theme(find_theme(chosen, settings))
    except (UserError, KeyError):  # that of last time is gone
        chosen = THEMES[0].name
    app.theme = chosen


def install_all_themes(app: App[Any], settings: Settings) -> Iterator[str]:
    """Give an app every theme; yield what is wrong with each that cannot be had."""
    for name in theme_names(settings):
        try:
            app.register_theme(find_theme(name, settings))
        except UserError as error:
            yield error.in_one_line


def complete_theme(theme: Theme) -> Theme:
    """Return a theme that has hatlab's colours, too, and in which each can be read on each ground."""
    made = theme.to_color_system().generate()
    colours = {name: Color.parse(made[name]) for name in _COLOURS}
    selected = colours["background"].blend(colours["accent"], _TINT)
    alarm = readable(colours["error"].blend(_BLACK, 0.4), [_WHITE], 7)
    past = colours["background"].blend(colours["warning"], _TINT)
    out = colours["background"].blend(alarm, 2 * _TINT if theme.dark else _TINT)
    chosen = colours["surface"].blend(colours["primary"], _TINT)
    grounds = [*(colours[name] for name in _GROUNDS), selected, chosen, past, out]
    ground, ink = colours["background"], readable(colours["foreground"], grounds, 7)
    for name in _OF_TEXTUAL:
        colours[name] = readable(colours[name], grounds, TEXT + 0.1)  # which rounding may take
    quiet = readable(ink.blend(ground, 0.4), grounds)
    line = ground.blend(ink, 0.22)
    ours = {
        **{name: colours[of] for name, of in _FROM.items()},
        **dict.fromkeys(("init", "stopped", "quiet"), quiet),
        "line": line,
        "alarm": alarm,
        "alarm-ink": _WHITE,
        "past": past,
        "out": out,
    }
    own = {name: Color.parse(text) for name, text in theme.variables.items() if name in ours}
    ours |= {name: c if name in _NOT_READ else readable(c, grounds) for name, c in own.items()}
    bars = scroll_bar_colours(colours["surface"].hex, ground.blend(ink, 0.3).hex, ground.blend(ink, 0.5).hex)
    return replace(
        theme,
        primary=colours["primary"].hex,
        secondary=colours["secondary"].hex,
        accent=colours["accent"].hex,
        success=colours["success"].hex,
        warning=colours["warning"].hex,
        error=colours["error"].hex,
        background=colours["background"].hex,
        surface=colours["surface"].hex,
        panel=colours["panel"].hex,
        foreground=ink.hex,
        variables={
            **theme.variables,
            **bars,
            **{name: colour.hex for name, colour in ours.items()},
            "accent-muted": selected.hex,
            "chosen": chosen.hex,
            "reversed": REVERSED,
        },
    )


def read_theme(path: Path) -> Theme:
    """Read a person's own theme.

    Raises:
        FileError: it is no theme; with the line.
        UserError: it cannot be read.
    """
    file = read_config(path)

    def mistake(key: str, text: str) -> FileError:
        return FileError(
            text, "`hatlab help settings` explains themes", file=str(path), line=file.line((key,))
        )

    known = {*_COLOURS, *DARK_COLOURS, "dark"}
    for key, value in file.values.items():
        if key not in known:
            raise mistake(key, f"unknown key `{key[:40]}`{did_you_mean(key, known)}")
        if key == "dark":
            if not isinstance(value, bool):
                raise mistake(key, "dark: this should be true or false")
            continue
        try:
            Color.parse(str(value))
        except ColorParseError:
            raise mistake(key, f"{key}: '{str(value)[:40]}' is no colour, such as '#7fd18b'") from None
    if "primary" not in file.values:
        raise mistake("", "`primary` is missing")
    of_textual = {key: value for key, value in file.values.items() if key in {*_COLOURS, "dark"}}
    ours = {key: value for key, value in file.values.items() if key in DARK_COLOURS}
    return Theme(path.stem, **of_textual, variables=ours)
