from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from hatlab.engine.docker import bootstrap, image
from hatlab.engine.docker import image_archive as carry
from hatlab.errors import EngineError, ImageMissing, UserError


class Api:
    """An engine's API with some images; records what was asked of it."""

    def __init__(self, *images: str, build: list[dict[str, Any]] | None = None) -> None:
        self.names = set(images)
        self.lines = build or [
            {"stream": "Step 1/2 : FROM x\n"},
            {"stream": " ---> abc\n"},
            {"stream": "hello\n"},
        ]
        self.built: dict[str, Any] = {}
        self.loaded = b""
        self.old: list[dict[str, Any]] = []
        """Images of earlier builds, as the engine lists them."""
        self.used: list[str] = []
        """Ids of the images that containers use."""
        self.stubborn = ""
        self.removed: list[str] = []

    def images(self, filters: dict[str, Any]) -> list[dict[str, Any]]:
        label, dangling = filters["label"], filters["dangling"]
        return [i for i in self.old if label in i["Labels"] and dangling is not bool(i["RepoTags"])]

    def containers(self, all: bool) -> list[dict[str, str]]:
        return [{"ImageID": each} for each in self.used]

    def remove_image(self, name: str) -> None:
        if name == self.stubborn:
            raise APIError("conflict: a container began to use it")
        self.removed.append(name)

    def inspect_image(self, name: str) -> dict[str, str]:
        if name not in self.names:
            raise ImageNotFound(f"No such image: {name}")
        return {"Id": name}

    def pull(self, repository: str, tag: str, **_: Any) -> list[dict[str, str]]:
        if repository == "nowhere":
            raise APIError("lookup registry-1.docker.io: no such host")
        self.names.add(f"{repository}:{tag}")
        return [{"status": "Downloading", "progress": "[=> ]"}, {"status": "Pull complete", "id": "abc"}]

    def build(self, **parameters: Any) -> list[dict[str, Any]]:
        self.built = parameters
        return self.lines

    def load_image(self, data: Any) -> list[dict[str, str]]:
        self.loaded = b"".join(data)
        return []


def _client(api: Api, chunks: list[bytes] | None = None) -> Any:
    def get(name: str) -> Any:
        api.inspect_image(name)
        return SimpleNamespace(attrs={"Size": 4}, save=lambda named: iter(chunks or []))

    return SimpleNamespace(api=api, images=SimpleNamespace(get=get))


def _tar(path: Path, manifest: str) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        tar.addfile(entry, io.BytesIO(manifest.encode()))
    return path


def test_the_tag_changes_with_what_goes_in_and_with_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY --chmod=755 one two /etc/\nCOPY --from=build / /\n")
    with (tmp_path / "Dockerfile").open("a") as file:
        file.write("COPY folder /usr/lib/folder\n")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    for name in ("one", "two", "folder/three", "folder/deep/four"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(image, "shipped_folder", lambda folder: tmp_path)
    image.context.cache_clear()
    try:
        first = image.tag()
        assert list(image.context()) == ["Dockerfile", "folder/deep/four", "folder/three", "one", "two"]
        (tmp_path / "two-node.yaml").write_text("image: x")
        (tmp_path / "folder" / "__pycache__").mkdir()
        (tmp_path / "folder" / "__pycache__" / "three.pyc").write_text("made of another file")
        image.context.cache_clear()
        assert image.tag() == first
        tags = {first}
        for name in ("two", "folder/deep/four", "folder/new"):
            (tmp_path / name).write_text("changed")
            image.context.cache_clear()
            tags.add(image.tag())
        assert len(tags) == 4
    finally:
        image.context.cache_clear()


def test_the_shipped_files_make_a_tag() -> None:
    assert image.tag().startswith("hatlab-node:")
    assert len(image.tag().partition(":")[2]) == 12
    assert {"Dockerfile", "agent/__main__.py"} <= set(image.context())


def test_present_means_this_very_image() -> None:
    assert image.present(_client(Api(image.tag())))
    assert not image.present(_client(Api("hatlab-node:000000000000")))


def test_build_reports_steps_and_lines_and_goes_out_by_the_machine_s_network() -> None:
    api, told = Api("debian:sid"), list[str]()
    assert image.build(_client(api), told.append) == image.tag()
    assert "step 1/2  FROM x" in told
    assert "  hello" in told
    assert not any("--->" in line for line in told)
    assert api.built["network_mode"] == "host"
    assert api.built["buildargs"] == {"BASE": "debian:sid"}
    with tarfile.open(fileobj=api.built["fileobj"]) as tar:
        assert tar.getmember("agent").isdir()
        assert "agent/__main__.py" in tar.getnames()
        assert not any("__pycache__" in name for name in tar.getnames())


def test_a_missing_base_is_pulled() -> None:
    api, told = Api(), list[str]()
    image.build(_client(api), told.append, base="debian:trixie")
    assert api.built["buildargs"] == {"BASE": "debian:trixie"}
    assert told[:2] == ["pulling debian:trixie", "  abc: Pull complete"]


def test_where_no_registry_answers_the_hint_says_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="cannot pull nowhere:1") as caught:
        image.build(_client(Api()), lambda line: None, base="nowhere:1")
    assert "--bootstrap" in caught.value.hint
    monkeypatch.setattr(image, "BASE", "nowhere:sid")
    api, told = Api(image.BOOTSTRAPPED), list[str]()
    image.build(_client(api), told.append)
    assert api.built["buildargs"] == {"BASE": image.BOOTSTRAPPED}
    assert any("bootstrapped earlier" in line for line in told)


def test_bootstrap_makes_the_base_once(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    monkeypatch.setattr(bootstrap, "make_base", lambda client, name, report: api.names.add(name))
    for _ in range(2):
        image.build(_client(api), lambda line: None, bootstrap=True)
        assert api.built["buildargs"] == {"BASE": image.BOOTSTRAPPED}


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("write /x: no space left on device", "disk space"),
        ("E: Unable to locate package keepalived", "mirror"),
        ("returned a non-zero code: 1", "lines above"),
    ],
)
def test_a_failed_step_is_named_with_a_cure(error: str, hint: str) -> None:
    api = Api("debian:sid", build=[{"stream": "Step 2/9 : RUN apt-get update"}, {"error": error}])
    with pytest.raises(EngineError, match="step 2/9 failed") as caught:
        image.build(_client(api), lambda line: None)
    assert hint in caught.value.hint


def _node_image(tag: str, created: int, *names: str) -> dict[str, Any]:
    """An image that was built as hatlab-node:TAG and bears these names now."""
    labels = {"hatlab.image": f"hatlab-node:{tag}"}
    return {"Id": f"sha256:{tag}{created}", "Created": created, "Labels": labels, "RepoTags": list(names)}


def test_a_build_removes_older_node_images_but_the_newest_two() -> None:
    api, told = Api("debian:sid"), list[str]()
    current = image.tag().partition(":")[2]
    api.old = [
        _node_image("a", 1, "hatlab-node:a"),
        _node_image("b", 2, "hatlab-node:b"),
        _node_image("c", 3, "hatlab-node:c"),
        _node_image("d", 4, "hatlab-node:d"),
        _node_image(current, 0, image.tag()),  # all of it was built before
    ]
    api.used = ["sha256:b2"]
    image.build(_client(api), told.append)
    assert api.removed == ["hatlab-node:c", "hatlab-node:a"]
    assert told[-2:] == ["removed hatlab-node:c", "removed hatlab-node:a"]
    assert f"built {image.tag()}" in told


def test_a_build_removes_what_lost_its_name_and_stages_but_the_newest() -> None:
    api, told = Api("debian:sid"), list[str]()
    stage = {"Labels": {"hatlab.stage": "build"}, "RepoTags": None}
    api.old = [
        {"Id": "sha256:stage1", "Created": 1, **stage},
        {"Id": "sha256:stage3", "Created": 3, **stage},
        {"Id": "sha256:stage2", "Created": 2, **stage},
        _node_image("lost", 1),
        {"Id": "sha256:other", "Created": 1, "Labels": {"of": "somebody"}, "RepoTags": None},
    ]
    api.stubborn = "sha256:lost1"
    image.build(_client(api), told.append)
    assert api.removed == ["sha256:stage2", "sha256:stage1"]
    assert told[-1] == "removed a superseded part of the image, stage1"


def test_an_image_that_somebody_named_by_hand_stays() -> None:
    api = Api("debian:sid")
    api.old = [_node_image(each, k, f"hatlab-node:{each}") for k, each in enumerate("abc")]
    api.old.append(_node_image("mine", 0, "hatlab-node:mine", "course:2026"))
    api.old.append(_node_image("renamed", 0, "course:2025"))
    image.build(_client(api), lambda line: None)
    assert api.removed == ["hatlab-node:a", "hatlab-node:mine"], "only the name that hatlab gave"


def test_save_writes_the_whole_file_or_nothing(tmp_path: Path) -> None:
    api = Api(image.tag())
    for name in ("image.tar", "image.tar.gz"):
        image.save(_client(api, [b"ab", b"cd"]), tmp_path / name, lambda line: None)
    assert (tmp_path / "image.tar").read_bytes() == b"abcd"
    assert (tmp_path / "image.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert sorted(os.listdir(tmp_path)) == ["image.tar", "image.tar.gz"]

    def broken() -> Any:
        yield b"ab"
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left") as caught:
        carry.write_image(broken(), 4, tmp_path / "other.tar", lambda line: None)
    assert "free some space" in caught.value.hint
    assert sorted(os.listdir(tmp_path)) == ["image.tar", "image.tar.gz"]


def test_save_says_what_is_in_the_way(tmp_path: Path) -> None:
    client = _client(Api(image.tag()), [b"ab"])
    with pytest.raises(UserError, match="No such file"):
        image.save(client, tmp_path / "no" / "image.tar", lambda line: None)
    with pytest.raises(UserError, match="no ordinary file"):
        image.save(client, tmp_path, lambda line: None)
    with pytest.raises(ImageMissing):
        image.save(_client(Api()), tmp_path / "image.tar", lambda line: None)


@pytest.mark.parametrize("name", ["image.tar", "image.tar.gz"])
def test_load_sends_the_file_as_it_is(tmp_path: Path, name: str) -> None:
    path = _tar(tmp_path / name, f'[{{"RepoTags": ["{image.tag()}"]}}]')
    api = Api()
    image.load(_client(api), path, lambda line: None)
    assert api.loaded == path.read_bytes()


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ('[{"RepoTags": ["hatlab-node:000000000000"]}]', "this hatlab needs"),
        ('[{"RepoTags": ["debian:sid"]}]', "no node image"),
        ('[{"RepoTags": null}, 7]', "no node image"),
        ("{", "no node image"),
    ],
)
def test_load_refuses_another_image(tmp_path: Path, manifest: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        image.load(_client(Api()), _tar(tmp_path / "image.tar", manifest), lambda line: None)


def test_load_refuses_what_is_no_image(tmp_path: Path) -> None:
    whole = _tar(tmp_path / "image.tar.gz", f'[{{"RepoTags": ["{image.tag()}"]}}]').read_bytes()
    for name, data in (("text", b"hello"), ("empty", b""), ("cut", whole[: len(whole) // 2])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match="no node image"):
            image.load(_client(Api()), tmp_path / name, lambda line: None)
    with pytest.raises(UserError, match="cannot read"):
        image.load(_client(Api()), tmp_path / "missing", lambda line: None)
