"""Runs real keepalived for some seconds in a container of the node image, and returns what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from hatlab.errors import LabError

_WRITE = """\
import json, os, pathlib
for path, (text, mode) in json.loads(os.environ["FILES"]).items():
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)
    if path.is_relative_to("/home"):
        os.chown(path.parent, 1000, 1000)
"""


def run_keepalived(conf: str, files: Mapping[str, tuple[str, int]], seconds: int) -> str:
    """Return the daemon's log.

    Args:
        conf: its configuration.
        files: path → (text, mode), of root's; a folder in /home belongs to a user.
        seconds: how long it runs.
    """
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.image.name import has_node_image, image_name

    try:
        client = connect()
    except LabError as error:
        pytest.skip(error.message)
    try:
        if not has_node_image(client):
            pytest.skip("the node image is not there")
        output: bytes = client.containers.run(
            image_name(),
            entrypoint=["/bin/sh", "-c"],
            command=[f'python3 -c "$WRITE"; timeout {seconds} keepalived -n -l -D -f /tmp/k.conf 2>&1; true'],
            environment={"WRITE": _WRITE, "FILES": json.dumps({**files, "/tmp/k.conf": (conf, 0o600)})},
            cap_drop=["ALL"],
            cap_add=["NET_ADMIN", "NET_RAW", "CHOWN", "SETGID", "SETUID"],
            remove=True,
        )
    finally:
        client.close()
    return output.decode()
