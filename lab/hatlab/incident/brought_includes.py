"""The files that a configuration includes, found among those that were brought of its node.

Their paths on the node are not known, or only in part: a folder may have been copied as it was, or all files
into one. So the end of a path counts, as much of it as can.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath


def find_included(files: Mapping[str, str], pattern: str, origin: str) -> list[tuple[str, str]]:
    """Return (path, text) of each file that an `include` line means, in the order of their paths.

    Args:
        files: path as it was brought → text.
        pattern: `conf.d/*.conf`, `/etc/keepalived/vi_1.conf`.
        origin: the path of the file with the line, which it never means itself.

    Raises:
        OSError: none was brought; its text says so.
    """
    wanted = [part for part in PurePosixPath(pattern).parts if part not in ("/", ".", "..")]
    here = PurePosixPath(origin).parent.parts
    paths = {path: PurePosixPath(path).parts for path in files if path != origin}
    tried = [] if pattern.startswith("/") else [[*here, *wanted]]
    tried += [wanted[start:] for start in range(len(wanted))]
    for parts in tried:
        found = [path for path, own in paths.items() if _ends_with(own, parts)]
        if found:
            return [(path, files[path]) for path in sorted(found)]
    raise OSError(f"no file that was brought is called {'/'.join(wanted[-2:])[:80]}")


def _ends_with(parts: tuple[str, ...], wanted: list[str]) -> bool:
    last = parts[-len(wanted) :]
    return len(last) == len(wanted) and all(map(fnmatchcase, last, wanted))
