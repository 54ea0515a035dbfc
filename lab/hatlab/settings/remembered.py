"""What was changed on the screen (theme, pane, width of the tutor), kept for the next time.

It has a file of its own, in the state folder: `config.toml` is a person's, and hatlab never rewrites it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatlab.errors import UserError
from hatlab.settings.table import BY_KEY
from hatlab.util.kept_file import KeptFile, read_json
from hatlab.util.visible import to_json as format_json

FORMAT = "hatlab screen"
VERSION = 1
FILE_NAME = "screen.json"


class Remembered(KeptFile):
    """The file of what was changed on the screen."""

    CONTENT = "what you changed on the screen"

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self.values: dict[str, Any] = {}
        """By the settings' keys."""
        super().__init__(path, warn)

    def _read(self, path: Path) -> None:
        from hatlab.settings.config_file import ConfigFile
        from hatlab.settings.model import value_problems

        data = read_json(path, "file of the screen", mark=FORMAT, version=VERSION, hint="remove it")
        values = data.get("settings")
        if not isinstance(values, dict):
            raise UserError(f"{path} is damaged: its settings are not a mapping")
        values = {key: value for key, value in values.items() if key in BY_KEY and BY_KEY[key].remembered}
        for problem in value_problems(values, ConfigFile(path, values)):
            raise UserError(f"{path} is damaged: {problem.message}")
        self.values = values

    def keep(self, key: str, value: Any) -> None:
        """Keep a value, if it is new."""
        if self.values.get(key) != value:
            self._update(lambda: self.values.update({key: value}))

    def to_json(self) -> str:
        data = {"format": FORMAT, "version": VERSION, "settings": self.values}
        return format_json(data, indent=2) + "\n"
