"""The lines that a learner types into a node's shell, made out of the keys."""

from __future__ import annotations

import pytest

from hatlab.engine.docker.node_shell import TypedLines


@pytest.mark.parametrize(
    ("keys", "lines"),
    [
        ([b"ip a\r", b"exit\r"], ["ip a", "exit"]),
        ([b"ip", b" ", b"a", b"\r"], ["ip a"]),
        ([b"ipp\x7f a\r"], ["ip a"]),
        ([b"rm -rf /\x03ls\r"], ["ls"]),
        ([b"wrong\x15right\r"], ["right"]),
        ([b"\r\r  \r"], []),
        ([b"cat /etc/keep\t\r"], ["cat /etc/keep…"]),
        ([b"\x1b[A\r"], ["…"]),
        ([b"echo gr\xc3\xbc\xc3\x9fe\r"], ["echo grüße"]),
    ],
)
def test_lines_are_made_of_keys(keys: list[bytes], lines: list[str]) -> None:
    heard: list[str] = []
    typed = TypedLines(heard.append)
    for data in keys:
        typed.feed(data)
    assert heard == lines


def test_nobody_need_listen() -> None:
    TypedLines(None).feed(b"ls\r")
