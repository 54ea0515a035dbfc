"""hatlab's own editor for a file of a simulated node, on this terminal.

No editor of this machine is started: from it one would come to the machine's files, or to a shell on it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath


def edit_text(name: str, text: str) -> str | None:
    """Let a person edit a text; return the new one, None if it was not saved.

    Args:
        name: the file's path on its node, as the editor shows it.
        text: what it holds.
    """
    with tempfile.TemporaryDirectory(prefix="hatlab-") as folder:
        copy = Path(folder) / "text"
        copy.write_text(text, encoding="utf-8")
        # a process of its own, as the lab's screen may be suspended beneath it
        program = [sys.executable, "-m", "hatlab.tui.editor.file_editor", PurePosixPath(name).name, str(copy)]
        return copy.read_text(encoding="utf-8") if subprocess.call(program) == 0 else None
