"""How a request is refused."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be carried out; the message is a sentence for the user."""

    def __init__(self, message: str, definite: bool = True) -> None:
        super().__init__(message)
        self.definite = definite
        """True if it certainly had no effect."""
