"""What a build removes of earlier builds."""

from __future__ import annotations

from typing import Any

from hatlab.engine.docker.image.build import build_image
from hatlab.engine.docker.image.name import image_name
from tests.engine.docker.image.fake_engine import FakeApi, fake_client


def _node_image(tag: str, created: int, *names: str) -> dict[str, Any]:
    """An image that was built as hatlab-node:TAG and bears these names now."""
    labels = {"hatlab.image": f"hatlab-node:{tag}"}
    return {"Id": f"sha256:{tag}{created}", "Created": created, "Labels": labels, "RepoTags": list(names)}


def test_a_build_keeps_only_the_newest_two_node_images() -> None:
    api, lines = FakeApi("debian:sid"), list[str]()
    current = image_name().partition(":")[2]
    api.earlier = [
        _node_image("a", 1, "hatlab-node:a"),
        _node_image("b", 2, "hatlab-node:b"),
        _node_image("c", 3, "hatlab-node:c"),
        _node_image("d", 4, "hatlab-node:d"),
        _node_image(current, 0, image_name()),  # all of it was built before
    ]
    api.used = ["sha256:b2"]
    build_image(fake_client(api), lines.append)
    assert api.removed == ["hatlab-node:c", "hatlab-node:a"]
    assert lines[-2:] == ["removed hatlab-node:c", "removed hatlab-node:a"]
    assert f"built {image_name()}" in lines


def test_a_build_removes_images_that_lost_their_name_and_all_stages_but_the_newest() -> None:
    api, lines = FakeApi("debian:sid"), list[str]()
    stage = {"Labels": {"hatlab.stage": "build"}, "RepoTags": None}
    api.earlier = [
        {"Id": "sha256:stage1", "Created": 1, **stage},
        {"Id": "sha256:stage3", "Created": 3, **stage},
        {"Id": "sha256:stage2", "Created": 2, **stage},
        _node_image("lost", 1),
        {"Id": "sha256:other", "Created": 1, "Labels": {"of": "somebody"}, "RepoTags": None},
    ]
    api.unremovable = "sha256:lost1"
    build_image(fake_client(api), lines.append)
    assert api.removed == ["sha256:stage2", "sha256:stage1"]
    assert lines[-1] == "removed a superseded part of the image, stage1"


def test_an_image_named_by_hand_stays() -> None:
    api = FakeApi("debian:sid")
    api.earlier = [_node_image(tag, created, f"hatlab-node:{tag}") for created, tag in enumerate("abc")]
    api.earlier.append(_node_image("mine", 0, "hatlab-node:mine", "course:2026"))
    api.earlier.append(_node_image("renamed", 0, "course:2025"))
    build_image(fake_client(api), lambda line: None)
    assert api.removed == ["hatlab-node:a", "hatlab-node:mine"], "only the name that hatlab gave"
