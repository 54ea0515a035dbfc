"""The lines that a learner types into a node's shell, made out of the keys."""

from __future__ import annotations

import os
import socket
import sys
import threading

import pytest

from hatlab.engine.docker.node_shell import TypedLines, _copy_both_ways


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


def test_keys_that_are_held_never_reach_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, typing = os.pipe()
    here, shell = socket.socketpair()
    held, heard = True, list[str]()
    asked = threading.Event()

    def is_held() -> bool:
        asked.set()
        return held

    with open(keys, "rb", buffering=0) as stdin, here, shell:
        monkeypatch.setattr(sys, "stdin", stdin)
        copying = threading.Thread(target=_copy_both_ways, args=(here, TypedLines(heard.append), is_held))
        copying.start()
        os.write(typing, b"reboot\r")
        assert asked.wait(10)
        held = False
        os.write(typing, b"date\r")
        assert shell.recv(100) == b"date\r"
        os.close(typing)
        shell.shutdown(socket.SHUT_WR)
        copying.join(10)
    assert heard == ["date"]
