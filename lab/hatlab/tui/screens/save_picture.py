"""Where a picture of the screen is to be saved: a path to accept or to change."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.text_field import TextField


class SavePicture(Dialog[Path | None]):
    """Closes with the file to write, None if none is wanted.

    Args:
        folder: proposed.
        name: of the file; it is used, too, if only a folder is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel", id="picture.cancel", tooltip="Save no picture")
    ]

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__()
        self._proposed, self._file_name = folder / name, name
        self._problem = Static(id="picture-problem", markup=False)

    def compose(self) -> ComposeResult:
        with dialog_box("save a picture of the screen (SVG)", "Enter save · Esc cancel", "line"):
            yield TextField(str(self._proposed), select_on_focus=False)
            yield self._problem

    def on_mount(self) -> None:
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = len(field.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        path = Path(event.value.strip()).expanduser()
        if not event.value.strip() or path.is_dir():
            path /= self._file_name
        if not path.parent.is_dir():
            self._problem.update(styled((f"There is no folder {path.parent}.", "fault")))
        elif path.exists():
            self._problem.update(
                styled((f"{path.name} exists already in that folder. Type another name.", "fault"))
            )
        else:
            self.dismiss(path.absolute())
