"""The films of the site: asciinema's player, fetched with npm, and each film as a script.

Without npm the site is built all the same, and shows a picture of each film.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tarfile
from pathlib import Path
from subprocess import CalledProcessError, run

PLAYER = "asciinema-player@3.18.0"
INTEGRITY = "5gpt2ipFcy4NKmgkv+c/QXnJ9zMicxqWROCOuJqgwwtiYKM8Qe9hnDOvfqke5bW6M2DW/seO3uQYkQ0xeUUVtw=="
"""SHA-512 of the package, as npm has it."""
_PARTS = {
    "package/dist/bundle/asciinema-player.min.js": "asciinema-player.min.js",
    "package/dist/bundle/asciinema-player.css": "asciinema-player.css",
    "package/LICENSE": "asciinema-player.LICENSE",
}


def add_player(assets: Path, cache: Path) -> bool:
    """Put the player and its licence among a site's assets; return False if it cannot be had.

    Args:
        cache: a folder in which the package is kept for the next time.

    Raises:
        ValueError: what was fetched is another package.
    """
    package = cache / f"{PLAYER.replace('@', '-')}.tgz"
    if not package.is_file() and not _fetch(cache):
        return False
    if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != INTEGRITY:
        package.unlink()
        raise ValueError(f"what npm has fetched is not {PLAYER}")
    with tarfile.open(package) as archive:
        for part, name in _PARTS.items():
            content = archive.extractfile(part)
            assert content is not None
            (assets / name).write_bytes(content.read())
    return True


def _fetch(cache: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    cache.mkdir(parents=True, exist_ok=True)
    try:
        run([npm, "pack", "--silent", "--pack-destination", cache, PLAYER], check=True, capture_output=True)
    except CalledProcessError:
        return False
    return True


def add_films(films: Path) -> None:
    """Turn each film of a folder into a script: a page that is opened as a file may read no other file."""
    for path in films.glob("*.cast"):
        name, cast = json.dumps(path.stem), json.dumps(path.read_text(encoding="utf-8"), ensure_ascii=False)
        path.with_suffix(".js").write_text(f"showFilm({name}, {cast});\n", encoding="utf-8")
        path.unlink()
