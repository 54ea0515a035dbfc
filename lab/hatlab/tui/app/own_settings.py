"""What a person has chosen for the screen; what they change there is kept for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hatlab.settings.effective import Settings
from hatlab.tui.app.key_order import OrderedKeysApp
from hatlab.tui.keys import use_keymap
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.stylesheet import SteadyStylesheet
from hatlab.tui.widgets.theme_choice import install_all_themes, install_theme

if TYPE_CHECKING:
    from hatlab.tui.screens.lab import LabScreen

NOTICE_PACE = {"brief": 0.5, "normal": 1.0, "long": 3.0, "off": 1.0}
"""A value of the setting `notices` → how much longer than usual a notice stays."""
WIDTH_STEP = 4
"""Columns by which the tutor gets wider or narrower at a time."""


class SettingsApp(OrderedKeysApp):
    """An app that looks as a person has chosen, and remembers what they change."""

    lab_screen: LabScreen | None

    def __init__(self) -> None:
        super().__init__()
        self.settings = Settings()
        self._keeps = False
        """True once what changes is a person's doing."""
        self._last_of = {True: theme.DARK, False: theme.LIGHT}
        """The last dark theme (True) and the last light one."""

    def use_settings(self, settings: Settings) -> None:
        """Look as these settings say. Once, before the app runs."""
        self.settings = settings
        install_theme(self, settings)
        self.stylesheet = SteadyStylesheet(variables=self.get_css_variables())
        self.set_keymap(use_keymap(settings["keys"]))
        self._last_of[self.current_theme.dark] = self.theme
        if (kept := settings.remembered) is not None:
            kept.warn = lambda text: self.notify(text, severity="warning", timeout=10, markup=False)

    def on_ready(self) -> None:
        self._keeps = True

    def keep(self, key: str, value: Any) -> None:
        """Keep what was changed on the screen for the next time, and say so if something else counts then."""
        if self.settings.remembered is None:
            return
        self.settings.remembered.keep(key, value)
        given = self.settings.given(key)
        if given.origin not in {"screen", "default"} and given.value != value:
            text = f"Next time it is as before: {given.place} sets `{key}`."
            self.notify(text, timeout=6, markup=False)

    def watch_theme(self, name: str) -> None:
        """Keep a theme that a person chose, by a key, the list or the palette."""
        if self._keeps:
            self._last_of[self.current_theme.dark] = name
            self.keep("theme", name)

    def action_theme(self) -> None:
        """Switch between the last dark theme and the last light one."""
        self.theme = self._last_of[not self.current_theme.dark]

    def action_themes(self) -> None:
        """Open Textual's list of all themes."""
        for problem in install_all_themes(self, self.settings):
            self.notify(problem, severity="warning", timeout=10, markup=False)
        self.search_themes()

    def action_tutor_width(self, way: int) -> None:
        """Make the tutor wider (1) or narrower (-1), where it stands beside the lab."""
        if self.lab_screen is not None and self.lab_screen.change_tutor_width(way * WIDTH_STEP):
            self.keep("tutor_width", self.lab_screen.tutor_width)
