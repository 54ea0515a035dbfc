"""What class.toml says of machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.classroom.config import read_config
from hatlab.errors import FileError
from tests.classroom.machines.remote_class import ADDRESS, SWARM


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[machines]\nspawner = "nomad"\n', 2, "`machines.spawner`"),
        (f'[server]\naddress = "{ADDRESS}"\n[machines]\nspawner = "swarm"\n', 3, "`storage` is missing"),
        ('[machines]\nstorage = "srv/seats"\n', 2, "a whole path"),
        ('[machines]\nstorage = "/srv/../etc"\n', 2, "a whole path"),
        ('[machines]\nstorage = "nfs://192.0.2.7/"\n', 2, "such as nfs://"),
        ('[machines]\nstorage = "nfs://192.0.2.7/x,nolock"\n', 2, "such as nfs://"),
        ('[machines]\nstorage = "claim:"\n', 2, "PersistentVolumeClaim"),
        ('[machines]\nlabel = "seats"\n', 2, "a name and a value"),
        ('[machines]\nimage = "--privileged"\n', 2, "the name of an image"),
        ('[machines]\nnamespace = "Hatlab"\n', 2, "`machines.namespace`"),
        ("[machines]\nmemory = -1\n", 2, "`machines.memory`"),
        (f'[machines]\n{SWARM}[server]\naddress = "http://127.0.0.1:8000"\n', 5, "must reach this"),
        (f"[machines]\n{SWARM}", 1, "must reach this"),
        (
            f'[server]\naddress = "{ADDRESS}"\n[machines]\nspawner = "swarm"\nstorage = "claim:x"\n',
            3,
            "Swarm takes",
        ),
        (
            f'[server]\naddress = "{ADDRESS}"\n[seats]\nengine = "docker"\n[machines]\n{SWARM}',
            5,
            "needs the engine of a seat's machine",
        ),
    ],
)
def test_what_is_wrong_about_machines_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "class.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_config(path)
    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.hint
