"""Films scenes, and draws them: python -m tests.films [NAME…] [--draw]"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.films.cast import Cast
from tests.films.frames import compacted, frames_of
from tests.films.scenes import SCENES, Scene
from tests.films.svg import draw_film
from tests.films.terminal import shell_in_terminal

FOLDER = Path(__file__).parents[2] / "docs" / "films"
PACE = 0.25
"""Seconds that a frame of a drawing lasts at least."""


def film(scene: Scene) -> Cast:
    """Play a scene in a terminal, and return what was seen."""
    with TemporaryDirectory(prefix="hl") as home:
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **{"HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home, "PS1": "$ ", "LANG": "C.UTF-8"},
            **{"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        }
        with shell_in_terminal(*scene.size, environment) as terminal:
            scene.play(terminal)
            return compacted(terminal.film(scene.title).shortened())


def main() -> None:
    """Film what is asked for."""
    parser = ArgumentParser(prog="python -m tests.films", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SCENES)} (default: all)")
    parser.add_argument("--draw", action="store_true", help="draw the films that there are, and film nothing")
    args = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    for name in args.names or SCENES:
        path = FOLDER / f"{name}.cast"
        if not args.draw:
            film(SCENES[name]).write(path)
        cast = Cast.read(path)
        frames = list(frames_of(cast, PACE))
        drawn = draw_film(frames if SCENES[name].animated else frames[-1:], cast.title)
        path.with_suffix(".svg").write_text(drawn, encoding="utf-8")
        print(f"{path}: {path.stat().st_size} bytes, drawn: {len(drawn.encode())}")  # noqa: T201


if __name__ == "__main__":
    main()
