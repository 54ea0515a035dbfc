"""An editor of one text, for a simulated shell: `python -m hatlab.tui.editor.file_editor NAME COPY`.

It reads and writes its copy and no other file. Its exit status is 0 once the text is saved.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from hatlab.tui.editor.find import FIND, TextFind
from hatlab.tui.editor.text_area import ConfTextArea
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.line_widget import styled
from hatlab.util.files import MOST_BYTES, read_text, write_text
from hatlab.util.safe_text import safe_text

KEYS = "Ctrl+S save and leave · Ctrl+F find · Esc leave without saving"


class FileEditor(App[int]):
    """Ends with 0 if the text was saved, with 1 if not.

    Args:
        name: what the file is called.
        copy: holds its text, and takes the new one.
    """

    CSS = """
    #title, #keys { height: 1; background: $panel; padding: 0 1; }
    #keys { color: $quiet; }
    TextArea { border: none; }
    #find { height: 1; }
    #find-sign { width: 3; padding: 0 1; }
    #find-words { width: 1fr; }
    #find-found { width: auto; padding: 0 1; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", id="file.save", priority=True),
        FIND,
        Binding("escape,ctrl+q,ctrl+c", "close", "close", id="file.close", priority=True),
    ]

    def __init__(self, name: str, copy: Path) -> None:
        super().__init__()
        self._file, self._copy = name, copy
        self.text = ConfTextArea(read_text(copy, "copy", 16 * MOST_BYTES), id="conf")
        self._find = TextFind(self.text)
        for ours in theme.THEMES:
            self.register_theme(ours)
        self.theme = theme.DARK

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(theme.DARK_COLOURS)

    def compose(self) -> ComposeResult:
        yield Static(styled((safe_text(self._file), "bold")), id="title")
        yield self.text
        yield self._find
        yield Static(KEYS, id="keys")

    def on_mount(self) -> None:
        self.text.focus()

    def action_save(self) -> None:
        write_text(self._copy, self.text.text)
        self.exit(0)

    def action_find(self) -> None:
        self._find.open("the file")

    def action_close(self) -> None:
        if self._find.display:
            self._find.action_close()
        else:
            self.exit(1)


if __name__ == "__main__":
    status = FileEditor(sys.argv[1], Path(sys.argv[2])).run()
    sys.exit(1 if status is None else status)
