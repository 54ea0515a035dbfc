"""What is published: a source distribution from which everything can be made, and a wheel that has it all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from hatlab.commands.support.help_topics import topics
from hatlab.util.pages import find_pages
from tests.packaging.conftest import ROOT, build

COMES_WITH = {
    "tornado": "jupyterhub",
    "traitlets": "jupyterhub",
    "requests": "docker",
    "pydantic_core": "pydantic",
}
"""Libraries whose types are part of what another one offers."""


def _tracked_files() -> set[str]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is no checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


def test_a_source_distribution_has_every_file_of_the_repository(unpacked: Path) -> None:
    packed = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert _tracked_files() - packed == set()


def test_a_source_distribution_has_what_make_needs(unpacked: Path) -> None:
    said = subprocess.run(
        ["make", "-n", "start", "test"], cwd=unpacked, capture_output=True, text=True, check=True
    )
    named = re.findall(r"-c (\S+)", said.stdout)
    assert named
    assert all((unpacked / name).is_file() for name in named)


def test_a_wheel_brings_one_package_and_all_that_it_reads(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"hatlab"}
    assert not [name for name in names if name.endswith((".pyc", ".orig")) or "__pycache__" in name]
    for folder in ("lessons", "topologies", "compose"):
        files = [
            path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
        assert {f"hatlab/_shipped/{path.relative_to(ROOT)}" for path in files} <= {*names}
    assert {f"hatlab/_shipped/{path.relative_to(ROOT)}" for path in find_pages().values()} <= {*names}
    shared = {name.partition("/data/")[2] for name in names if "/data/" in name}
    assert shared == {
        "share/man/man1/hatlab.1",
        "share/bash-completion/completions/hatlab",
        "share/zsh/site-functions/_hatlab",
        "share/fish/vendor_completions.d/hatlab.fish",
    }


def test_a_package_index_can_show_the_metadata(sdist: Path, wheel: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", str(sdist), str(wheel)],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def _metadata(wheel: Path) -> tuple[dict[str, list[str]], str]:
    """Return the fields of a wheel's metadata, and its readme."""
    archive = zipfile.ZipFile(wheel)
    [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    message = Parser().parsestr(archive.read(name).decode())
    return {key: message.get_all(key, []) for key in message}, str(message.get_payload())


def _relative_links(markdown: str) -> list[str]:
    return re.findall(r"\]\((?!https://)([^)]*)\)", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S))


def test_a_readme_outside_of_the_repository_leads_nowhere_else(wheel: Path) -> None:
    fields, readme = _metadata(wheel)
    assert fields["Author"]
    assert "Programming Language :: Python :: 3.13" in fields["Classifier"]
    assert _relative_links(readme) == []
    said = {*re.findall(r"`hatlab help ([\w.-]+)`", readme)}
    assert "writing-lessons" in said
    assert said <= {*topics()}


def test_with_an_address_links_and_pictures_lead_to_the_repository(unpacked: Path, tmp_path: Path) -> None:
    address = "https://forge.example/us/hatlab"
    fields, readme = _metadata(build("wheel", unpacked, tmp_path, HATLAB_REPOSITORY=f"{address}/"))
    assert _relative_links(readme) == []
    [first, *_] = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert f"({address}/raw/HEAD/{first})" in readme
    assert f"({address}/blob/HEAD/docs/architecture.md)" in readme
    urls = dict(url.split(", ") for url in fields["Project-URL"])
    assert {*urls} == {"Repository", "Documentation", "Changelog", "Issues", "Security"}
    assert all(url.startswith(address) for url in urls.values())


def test_every_library_that_is_imported_is_a_dependency() -> None:
    """What a developer's environment has besides would hide that it is missing elsewhere."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    extra = [line for name in ("class", "swarm", "kubernetes") for line in extras[name]]
    declared = {
        re.split(r"[<>=!\[ ]", line)[0].lower().replace("_", "-")
        for line in [*project["dependencies"], *extra]
    }
    owners = packages_distributions()
    missing = set()
    for path in ROOT.glob("lab/**/*.py"):
        for name in _imports(path) - sys.stdlib_module_names - {"hatlab"}:
            owner = COMES_WITH.get(name, owners.get(name, [name])[0]).lower().replace("_", "-")
            if owner not in declared:
                missing.add((str(path.relative_to(ROOT)), name))
    assert missing == set()


def _imports(path: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    return {*re.findall(r"^ *(?:from|import) (\w+)[\w.]*(?: import .+| as \w+)?$", path.read_text(), re.M)}
