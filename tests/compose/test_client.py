"""The words for a client's failed tries."""

from __future__ import annotations

import pytest

from compose.agent.client import error_word


class Lost(Exception):
    def __init__(self, number: int, text: str, cause: BaseException | None = None) -> None:
        super().__init__(number, text)
        self.original_exception = cause


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Lost(2003, "cannot connect", TimeoutError()), "timeout"),
        (Lost(2003, "cannot connect", ConnectionRefusedError()), "refused"),
        (Lost(2003, "cannot connect", OSError(113, "No route to host")), "unreachable"),
        (Lost(2013, "Lost connection (timed out)"), "timeout"),
        (Lost(2013, "Lost connection"), "reset"),
        (Lost(1290, "read only"), "mysql 1290"),
        (ConnectionResetError(), "reset"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_a_failed_try_has_a_short_word(error: BaseException, word: str) -> None:
    assert error_word(error) == word
