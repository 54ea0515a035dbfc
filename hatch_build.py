"""What pyproject.toml cannot say: the page that a package index shows, and files that are made of the code.

The repository's address stands in one place, `repository` under `[tool.hatch.metadata.hooks.custom]` in
pyproject.toml; HATLAB_REPOSITORY in the environment of a build overrides it. Links and pictures of the README
become absolute with it. Without an address a link says `hatlab help TOPIC`, and pictures are left out.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "lab"))  # hatlab's own code, which needs no library for what is done here


class Metadata(MetadataHookInterface):
    """The readme and the addresses."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        repository = (os.environ.get("HATLAB_REPOSITORY") or self.config.get("repository") or "").rstrip("/")
        text = _published_readme((ROOT / "README.md").read_text("utf-8"), repository)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = _urls(repository) if repository else {}


def _published_readme(markdown: str, repository: str) -> str:
    """Return a README that can be read anywhere: each link and picture of it leads to the repository."""
    from hatlab.commands.support.help_topics import topic_word
    from hatlab.util.pages import help_topic, relink

    def link(text: str, target: str) -> str:
        if repository:
            return f"[{text}]({repository}/blob/HEAD/{target})"
        return (
            f"{text} (`hatlab help {topic_word(help_topic(target))}`)" if target.startswith("docs/") else text
        )

    def picture(text: str, target: str) -> str:
        return f"![{text}]({repository}/raw/HEAD/{target})" if repository else ""

    return relink(markdown, link, picture)


def _urls(repository: str) -> dict[str, str]:
    return {
        "Repository": repository,
        "Documentation": f"{repository}/tree/HEAD/docs",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{repository}/issues",
        "Security": f"{repository}/blob/HEAD/SECURITY.md",
    }


class Build(BuildHookInterface[Any]):
    """The pages of the documentation, the manual page and what makes shells complete, in a wheel."""

    PLUGIN_NAME = "custom"
    _made = ""
    """The folder of files that are made of the code, while a wheel is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        os.environ["COLUMNS"] = "72"  # whatever the terminal, the manual page is the same
        from hatlab.commands.completion import completion_script
        from hatlab.commands.support.man_page import man_page
        from hatlab.util.pages import TOP_PAGES

        pages = [*sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in TOP_PAGES)]
        build_data["force_include"] |= {
            str(path): f"hatlab/_shipped/{path.relative_to(ROOT)}" for path in pages
        }
        self._made = mkdtemp()
        made = {
            "man/man1/hatlab.1": man_page(),
            "bash-completion/completions/hatlab": completion_script("bash"),
            "zsh/site-functions/_hatlab": completion_script("zsh"),
            "fish/vendor_completions.d/hatlab.fish": completion_script("fish"),
        }
        for name, text in made.items():
            path = Path(self._made, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            build_data["shared_data"][str(path)] = f"share/{name}"

    def finalize(self, *_: object) -> None:
        if self._made:
            rmtree(self._made)
