"""What leaves the app as text or picture: copied to the clipboard, saved to a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from textual.message import Message
from textual.widgets import Input, TextArea

from hatlab.tui.app.actions import ActionApp
from hatlab.tui.background import run_in_background
from hatlab.tui.screens.save_picture import SavePicture
from hatlab.util.clipboard import copy_to_desktop
from hatlab.util.files import write_new
from hatlab.util.kiosk import is_kiosk
from hatlab.util.visible import show_controls

SHOWN = 48
"""Characters of a copied text that the notice about it shows."""


@dataclass
class TextCopied(Message):
    """A text has gone to the terminal's clipboard, and to the desktop's if there is one."""

    text: str


class CopyingApp(ActionApp):
    """An app from which text can be copied, and its screen be saved."""

    _picture_folder: Path | None = None
    """Where the last picture was saved, None before the first."""

    def action_copy(self) -> None:
        """Copy the selected text, else what has the focus."""
        text = self._selected_text() or self._copyable()
        if text:
            self.copy_text(text)
        else:
            self.show_notice("There is nothing to copy here yet.")

    def action_copy_or_leave(self) -> None:
        """Copy the selected text or what a dialog offers; ask whether to leave if there is neither."""
        text = self._selected_text()
        if not text and self.screen is not self.lab_screen:
            text = self._copyable()
        if text:
            self.copy_text(text)
        else:
            self.ask_to_leave()

    def ask_to_leave(self) -> None:
        """Ask whether to leave, whatever is under way."""
        raise NotImplementedError

    def _selected_text(self) -> str:
        focused = self.focused
        if isinstance(focused, Input | TextArea) and focused.selected_text:
            return focused.selected_text
        return self.screen.get_selected_text() or ""

    def _copyable(self) -> str:
        offered = getattr(self.screen, "copyable", None)
        return str(offered()) if offered is not None else ""

    def copy_text(self, text: str) -> None:
        """Copy a text: by the terminal (OSC 52), and to the desktop's clipboard where there is one."""
        text = show_controls(text)
        self.copy_to_clipboard(text)

        def copy() -> TextCopied:
            if not is_kiosk(os.environ):  # that desktop is somebody else's
                copy_to_desktop(text, os.environ)
            return TextCopied(text)

        run_in_background(self, copy)

    def on_text_copied(self, message: TextCopied) -> None:
        first, *more = message.text.strip().split("\n")
        shown = f"{first[:SHOWN]}…" if more or len(first) > SHOWN else first
        self.show_notice(f"Copied: {shown}", seconds=3)

    def action_picture(self) -> None:
        """Save the screen as a picture once it is drawn, without the palette over it."""
        if is_kiosk(os.environ):
            self.show_notice("Nothing is saved on this machine, as it is not yours.")
        else:
            self.call_after_refresh(self._ask_where_to_save)

    def _ask_where_to_save(self) -> None:
        """Take the picture, then ask for its file: the dialog is not to be in it."""
        picture = self.export_screenshot()
        name = f"hatlab-{datetime.now().astimezone():%Y%m%d-%H%M%S}.svg"

        def save(path: Path | None) -> None:
            if path is not None:
                self._save_picture(picture, path)

        self.push_screen(SavePicture(self._picture_folder or Path.cwd(), name), save)

    def _save_picture(self, picture: str, path: Path) -> None:
        try:
            write_new(path, picture)
        except OSError as error:
            self.show_notice(f"The picture cannot be saved: {error.strerror}", "error", 10)
            return
        self._picture_folder = path.parent
        self.show_notice(f"Picture saved: {path}", seconds=10)
