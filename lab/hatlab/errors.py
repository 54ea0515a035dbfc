"""Everything that can go wrong in a way the user should read about.

    LabError                      message + hint; exit code 1
    ├── UserError                 the user's mistake; exit code 2
    │   ├── FileError             located: file, line, column
    │   ├── CaptureError          located: file, frame, byte
    │   └── ActionError           an action that does not parse, or names what is not there
    ├── EngineError               an engine cannot run or stopped in the middle
    │   ├── EngineUnavailable     nothing answers, no permission, wrong version
    │   └── ImageMissing          the node image is not there
    └── ActionFailed              an action that was tried; says whether it definitely did not happen

A traceback never reaches the user: `hatlab.cli` turns a LabError into one sentence plus what to do.
"""

from __future__ import annotations

_NO_THREAD = "can't start new thread"
"""What Python says where a thread's stack finds no memory."""


class LabError(Exception):
    """A failure with a plain sentence and a cure.

    Args:
        message: what happened, one sentence.
        hint: what to do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def in_one_line(self) -> str:
        """The message, with the hint in parentheses if there is one."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UserError(LabError):
    """The user's mistake: a wrong argument, a file with a fault in it."""

    exit_code = 2


class FileError(UserError):
    """A fault in a file a person wrote, with its place (line and column count from 1)."""

    def __init__(self, message: str, hint: str = "", *, file: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"{file}:{line}:{column}: {message}", hint)
        self.text = message
        """The message without the place."""
        self.file = file
        self.line = line
        self.column = column


class CaptureError(UserError):
    """A fault in a file of captured frames, with its place: bytes count from 0, frames from 1.

    Frame 0: it is the file as a whole.
    """

    def __init__(self, message: str, hint: str = "", *, file: str, frame: int = 0, byte: int = 0) -> None:
        place = f"{file}, frame {frame} (byte {byte})" if frame else file
        super().__init__(f"{place}: {message}", hint)
        self.file = file
        self.frame = frame
        self.byte = byte


class ActionError(UserError):
    """An action that does not parse, or that names a node or network the lab has not."""


class EngineError(LabError):
    """An engine cannot start, or ended while the lab was running."""


class EngineUnavailable(EngineError):
    """No engine answers, it may not be used, or it is too old."""


class ImageMissing(EngineError):
    """The node image is not on the engine."""


class ActionFailed(LabError):
    """An action that was tried and failed.

    `definite` is True when it certainly did not happen, False when it may have (a lost connection).
    """

    def __init__(self, message: str, hint: str = "", *, definite: bool = True) -> None:
        super().__init__(message, hint)
        self.definite = definite


def engine_failure(error: Exception) -> LabError:
    """Return what is told of an error that no engine should raise.

    Args:
        error: what it raised.
    """
    if isinstance(error, MemoryError) or _NO_THREAD in str(error):
        return LabError(
            "hatlab gets no more memory here",
            "end other labs or programs; in a class, tell your teacher (`memory` in class.toml)",
        )
    return LabError(
        f"the engine failed: {type(error).__name__}: {error}",
        "This is a fault of hatlab's; please report it.",
    )
