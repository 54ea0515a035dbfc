"""A socket may stand in any folder, however long its path is."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hatlab.util.unix_socket import MOST_BYTES, socket_address


@pytest.mark.parametrize("folder", ["short", "long" * 30])
def test_a_socket_is_made_and_found_by_its_path(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "lab.sock"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as other:
        with socket_address(path) as address:
            assert len(address) <= MOST_BYTES
            listening.bind(address)
        listening.listen()
        assert path.is_socket()
        with socket_address(path) as address:
            other.connect(address)
        listening.accept()[0].close()
