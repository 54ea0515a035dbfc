from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from hatlab.errors import LabError
from tests.docker.watched import Watched


@pytest.fixture(scope="module")
def client(docker_ready: None) -> Iterator[Any]:
    """A client of the engine."""
    from hatlab.engine.docker.connection import connect

    client = connect()
    yield client
    client.close()


@pytest.fixture(scope="module")
def running(docker_ready: None) -> Iterator[Watched]:
    """One lab for all tests of a file."""
    lab = Watched()
    lab.start()
    yield lab
    lab.engine.stop()


@pytest.fixture
def lab(running: Watched) -> Watched:
    """The file's lab, at its beginning: db1 is Master and nothing is broken."""
    if running.all(type(running.events[0])):
        running.do("reset")
    running.healthy()
    return running


@pytest.fixture(scope="module")
def keepalived() -> Iterator[Any]:
    """Runs keepalived on some texts in a container of the node image: (text, exit code, output) each."""
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.image.name import has_node_image, image_name

    try:
        client = connect()
    except LabError as error:
        pytest.skip(error.message)
    if not has_node_image(client):
        client.close()
        pytest.skip("the node image is not there")

    def run(command: str, texts: list[str]) -> list[tuple[str, int, str]]:
        script = "".join(
            f'printf %s "$CONF{k}" > /tmp/k.conf; chmod 600 /tmp/k.conf; {command} -f /tmp/k.conf 2>&1; '
            'echo "@@$?"; '
            for k in range(len(texts))
        )
        output = client.containers.run(
            image_name(),
            entrypoint=["/bin/sh", "-c", f"mkdir -p /run/hatlab; mkfifo /run/hatlab/notify.fifo; {script}"],
            environment={f"CONF{k}": text for k, text in enumerate(texts)},
            cap_drop=["ALL"],
            cap_add=["NET_ADMIN", "NET_RAW"],
            remove=True,
        )
        parts = re.split(r"@@(\d+)\n", output.decode())
        return [(text, int(parts[2 * k + 1]), parts[2 * k]) for k, text in enumerate(texts)]

    yield run
    client.close()
