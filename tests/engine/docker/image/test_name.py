"""The node image is named after its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.engine.docker.image import name
from hatlab.engine.docker.image.name import build_context, has_node_image, image_name
from tests.engine.docker.image.fake_engine import FakeApi, fake_client


def test_the_tag_changes_with_the_content_and_with_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY --chmod=755 one two /etc/\nCOPY --from=build / /\n")
    with (tmp_path / "Dockerfile").open("a") as file:
        file.write("COPY folder /usr/lib/folder\n")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    for file_name in ("one", "two", "folder/three", "folder/deep/four"):
        (tmp_path / file_name).write_text(file_name)
    monkeypatch.setattr(name, "shipped_folder", lambda folder: tmp_path)
    build_context.cache_clear()
    try:
        first = image_name()
        assert list(build_context()) == ["Dockerfile", "folder/deep/four", "folder/three", "one", "two"]
        (tmp_path / "two-node.yaml").write_text("image: x")
        (tmp_path / "folder" / "__pycache__").mkdir()
        (tmp_path / "folder" / "__pycache__" / "three.pyc").write_text("made of another file")
        build_context.cache_clear()
        assert image_name() == first
        tags = {first}
        for file_name in ("two", "folder/deep/four", "folder/new"):
            (tmp_path / file_name).write_text("changed")
            build_context.cache_clear()
            tags.add(image_name())
        assert len(tags) == 4
    finally:
        build_context.cache_clear()


def test_the_shipped_files_make_a_tag() -> None:
    assert image_name().startswith("hatlab-node:")
    assert len(image_name().partition(":")[2]) == 12
    assert {"Dockerfile", "agent/__main__.py"} <= set(build_context())


def test_only_the_image_of_this_very_hatlab_counts() -> None:
    assert has_node_image(fake_client(FakeApi(image_name())))
    assert not has_node_image(fake_client(FakeApi("hatlab-node:000000000000")))
