"""hatlab's own editor for a file of a simulated node, on this terminal.

No editor of this machine is started: from it one would come to the machine's files, or to a shell on it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath

from hatlab.util.files import MOST_BYTES, read_text, write_text


def edit_text(name: str, text: str) -> str | None:
    """Let a person edit a text; return the new one, None if it was not saved.

    Args:
        name: the file's path on its node, as the editor shows it.
        text: what it holds.
    """
    with tempfile.TemporaryDirectory(prefix="hatlab-") as folder:
        copy = Path(folder) / "text"
        write_text(copy, text)
        # a process of its own, as the lab's screen may be suspended beneath it
        program = [sys.executable, "-m", "hatlab.tui.editor.file_editor", PurePosixPath(name).name, str(copy)]
        return read_text(copy, "copy", 16 * MOST_BYTES) if subprocess.call(program) == 0 else None
