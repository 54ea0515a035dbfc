"""What a student reads for whom there is no seat just now."""

from __future__ import annotations

FULL = (
    "The class is full: no machine has room for one more seat. Tell your teacher, and try again "
    "when somebody has left."
)
NOT_REACHED = (
    "The machines of the class cannot be reached just now. Tell your teacher, and try again in a minute. "
    "What you have done is kept."
)
FULL_MACHINE = (
    "The class is full: its machine has no memory left for one more lab. Tell your teacher, and try again "
    "when somebody has left."
)


class SeatNotStartedError(Exception):
    """A seat cannot be started; `jupyterhub_message` is what its student reads, None for the usual."""

    def __init__(self, message: str, sentence: str | None = None) -> None:
        super().__init__(message)
        self.jupyterhub_message = sentence
