"""The node image in a file."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from hatlab.engine.docker.image import archive
from hatlab.engine.docker.image.archive import load_image, save_image
from hatlab.engine.docker.image.name import image_name
from hatlab.errors import ImageMissing, UserError
from tests.engine.docker.image.fake_engine import FakeApi, fake_client


def _image_file(path: Path, manifest: str) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        tar.addfile(entry, io.BytesIO(manifest.encode()))
    return path


def test_save_writes_the_whole_file_or_none(tmp_path: Path) -> None:
    api = FakeApi(image_name())
    for name in ("image.tar", "image.tar.gz"):
        save_image(fake_client(api, [b"ab", b"cd"]), tmp_path / name, lambda line: None)
    assert (tmp_path / "image.tar").read_bytes() == b"abcd"
    assert (tmp_path / "image.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert sorted(os.listdir(tmp_path)) == ["image.tar", "image.tar.gz"]

    def broken() -> Any:
        yield b"ab"
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left") as caught:
        archive.write_archive(broken(), 4, tmp_path / "other.tar", lambda line: None)
    assert "free some space" in caught.value.hint
    assert sorted(os.listdir(tmp_path)) == ["image.tar", "image.tar.gz"]


def test_the_error_says_why_a_file_cannot_be_saved(tmp_path: Path) -> None:
    client = fake_client(FakeApi(image_name()), [b"ab"])
    with pytest.raises(UserError, match="No such file"):
        save_image(client, tmp_path / "no" / "image.tar", lambda line: None)
    with pytest.raises(UserError, match="not an ordinary file"):
        save_image(client, tmp_path, lambda line: None)
    with pytest.raises(ImageMissing):
        save_image(fake_client(FakeApi()), tmp_path / "image.tar", lambda line: None)


@pytest.mark.parametrize("name", ["image.tar", "image.tar.gz"])
def test_load_sends_the_file_as_it_is(tmp_path: Path, name: str) -> None:
    path = _image_file(tmp_path / name, f'[{{"RepoTags": ["{image_name()}"]}}]')
    api = FakeApi()
    load_image(fake_client(api), path, lambda line: None)
    assert api.loaded == path.read_bytes()


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ('[{"RepoTags": ["hatlab-node:000000000000"]}]', "this hatlab needs"),
        ('[{"RepoTags": ["debian:sid"]}]', "does not contain a node image"),
        ('[{"RepoTags": null}, 7]', "does not contain a node image"),
        ("{", "does not contain a node image"),
    ],
)
def test_load_refuses_another_image(tmp_path: Path, manifest: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_image(fake_client(FakeApi()), _image_file(tmp_path / "image.tar", manifest), lambda line: None)


def test_load_refuses_a_file_that_is_no_image(tmp_path: Path) -> None:
    whole = _image_file(tmp_path / "image.tar.gz", f'[{{"RepoTags": ["{image_name()}"]}}]').read_bytes()
    for name, data in (("text", b"hello"), ("empty", b""), ("cut", whole[: len(whole) // 2])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match="does not contain a node image"):
            load_image(fake_client(FakeApi()), tmp_path / name, lambda line: None)
    with pytest.raises(UserError, match="there is no file"):
        load_image(fake_client(FakeApi()), tmp_path / "missing", lambda line: None)
