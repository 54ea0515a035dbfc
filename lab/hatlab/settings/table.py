"""Every setting, once: file, variables, options, their help and the reference are made from this."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from hatlab.registry import Kind, find_extensions

Form = Literal["text", "switch", "number", "folders", "recording", "keys"]
"""How a value is written as text: in a variable, or behind an option."""


class Setting(NamedTuple):
    """One setting."""

    key: str
    """As in `config.toml`."""
    default: Any
    form: Form
    help: str
    """One line, as in an option's help: no capital, no full stop."""
    example: str
    """A value as TOML, for the commented file."""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    adds: Kind | None = None
    """The kind of extensions whose names are choices, too."""
    option: str = ""
    """The option, if it is not the key's name."""
    remembered: bool = False
    """True if a change on the screen is kept."""

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"HATLAB_{self.key.upper()}"

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return self.option or f"--{self.key.replace('_', '-')}"

    @property
    def argument(self) -> str:
        """The name under which a command finds the value in its arguments."""
        return self.key.removeprefix("docker_")

    @property
    def all_choices(self) -> tuple[str, ...]:
        """What it may be, with what extensions add."""
        return (*self.choices, *(each.name for each in (find_extensions(self.adds) if self.adds else ())))


ENGINES = ("auto", "docker", "sim")
DARK_THEME = "hatlab-dark"
LIGHT_THEME = "hatlab-light"
THEMES = (
    DARK_THEME, LIGHT_THEME,
    "textual-dark", "textual-light", "nord", "gruvbox", "catppuccin-mocha", "catppuccin-macchiato",
    "catppuccin-frappe", "catppuccin-latte", "dracula", "tokyo-night", "monokai", "flexoki", "solarized-dark",
    "solarized-light", "rose-pine", "rose-pine-moon", "rose-pine-dawn", "atom-one-dark", "atom-one-light",
)  # fmt: skip
"""The themes that come with hatlab: its own, and Textual's, but for two in the terminal's own colours."""
PANES = ("timeline", "packets", "log")
NOTICES = ("brief", "normal", "long", "off")
NARROWEST_TUTOR, WIDEST_TUTOR, TUTOR_WIDTH = 36, 80, 48
"""Columns of a tutor beside the lab: at least, at most, and at first."""

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "engine",
        "auto",
        "text",
        "docker, or sim (the simulator, which needs nothing installed); auto: docker if available, else sim",
        '"sim"',
        "ENGINE",
        choices=ENGINES,
        adds=Kind.ENGINE,
    ),
    Setting(
        "docker_context", None, "text", "a Docker context (default: the current one)", '"desktop-linux"',
        "NAME", option="--context",
    ),
    Setting(
        "theme", DARK_THEME, "text", "the colours of the screen; T and the palette change them", '"nord"',
        "NAME", remembered=True,
    ),
    Setting(
        "language",
        None,
        "text",
        "the language of lessons that are translated, such as de or zh-CN (default: that of your locale)",
        '"zh-CN"',
        "TAG",
    ),
    Setting(
        "extensions",
        True,
        "switch",
        "whether hatlab uses what other packages add to it: see hatlab extensions",
        "false",
        option="--no-extensions",
    ),
    Setting("ascii", False, "switch", "draw with ASCII characters only", "true"),
    Setting(
        "lessons", [], "folders", "a folder with lessons of your own; repeatable", '["~/course"]', "FOLDER"
    ),
    Setting(
        "record",
        True,
        "recording",
        "whether runs are recorded: among the last few, not at all, or each in a folder of yours",
        '"~/recordings"',
        option="--no-record",
    ),
    Setting(
        "notices",
        "normal",
        "text",
        "how long a message stays on the screen; M shows all of them again, and errors are never off",
        '"long"',
        choices=NOTICES,
    ),
    Setting("facts_only", False, "switch", "hide banners, whys and verdicts; B shows them again", "true"),
    Setting(
        "pane", "timeline", "text", "the pane that is in front at first", '"packets"', choices=PANES,
        remembered=True,
    ),
    Setting(
        "tutor_width",
        TUTOR_WIDTH,
        "number",
        f"columns of the tutor beside the lab, {NARROWEST_TUTOR} to {WIDEST_TUTOR}",
        "60",
        "N",
        remembered=True,
    ),
    Setting(
        "keys",
        {},
        "keys",
        "another key for a command, by the command's id; repeatable (hatlab config keys lists the ids)",
        'lab.kill = "f9"',
        "ID=KEY",
        option="--key",
    ),
)  # fmt: skip
BY_KEY = {setting.key: setting for setting in SETTINGS}
CONFIG_VARIABLE = "HATLAB_CONFIG"
"""The environment variable with the path of `config.toml`; so does the option `--config`."""
CONFIG_OPTION = "--config"
