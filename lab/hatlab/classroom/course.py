"""The folder of a class: what is where in it.

class.toml           what the teacher sets
roster.csv           who takes part
lessons/             the teacher's own lessons, if there are any
state/secret         what all keys of the class follow from; only its owner may read it
state/issues.json    how often whose link has been renewed
state/hub/           the hub's database and logs
state/seats/NAME/    a student's home: progress, recordings
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hatlab.classroom import keys
from hatlab.classroom.config import ClassConfig, FollowedConfig, read_config
from hatlab.classroom.roster import TEACHER, Student, read_roster
from hatlab.errors import UserError
from hatlab.util.files import read_text, write_private, write_text

COURSE_VARIABLE = "HATLAB_CLASS"
"""The environment variable that tells the hub and its services the folder."""


@dataclass(frozen=True)
class Course:
    """A class's folder, which is there."""

    folder: Path

    @property
    def config_file(self) -> Path:
        return self.folder / "class.toml"

    @property
    def roster_file(self) -> Path:
        return self.folder / "roster.csv"

    @property
    def lessons(self) -> Path:
        return self.folder / "lessons"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def hub_folder(self) -> Path:
        return self.state / "hub"

    def seat_folder(self, name: str) -> Path:
        """Where a student's seat keeps everything."""
        return self.state / "seats" / name

    @property
    def config(self) -> ClassConfig:
        """What class.toml says now; raises as `read_config` does."""
        return read_config(self.config_file)

    @cached_property
    def secret(self) -> str:
        """What all keys follow from.

        Raises:
            UserError: it is missing, or damaged.
        """
        path = self.state / "secret"
        text = read_text(path, "secret of the class").strip()
        try:
            if len(bytes.fromhex(text)) >= keys.SECRET_BYTES:
                return text
        except ValueError:
            pass
        raise UserError(
            f"the secret of the class, {path}, is damaged",
            "restore it from a copy; a new one would change every link and every signature",
        )

    def read_students(self) -> list[Student]:
        """Return who takes part, as the file says now; raises as `read_roster` does."""
        return read_roster(self.roster_file)

    def read_issues(self) -> dict[str, int]:
        """Return how often whose link has been renewed."""
        path = self.state / "issues.json"
        if not path.exists():
            return {}
        try:
            issues = json.loads(read_text(path, "list of renewed links"))
            return {str(name): int(count) for name, count in issues.items()}
        except (ValueError, AttributeError, TypeError):
            raise UserError(f"{path} is damaged", "remove it: the first links count again") from None

    def renew_link(self, name: str) -> None:
        """Let the link that somebody has count no more.

        Raises:
            UserError: that cannot be kept.
        """
        issues = self.read_issues()
        issues[name] = issues.get(name, 0) + 1
        write_text(self.state / "issues.json", json.dumps(issues, indent=1) + "\n")

    def link_key(self, name: str) -> str:
        """Return the key in somebody's link."""
        return keys.link_key(self.secret, name, self.read_issues().get(name, 0))

    def accepts(self, name: str, key: str) -> bool:
        """True if somebody takes part, or is the teacher, and has the right key."""
        known = name == TEACHER or any(student.name == name for student in self.read_students())
        right = keys.is_link_key(self.secret, name, self.read_issues().get(name, 0), key)
        return known and right

    def make_state(self) -> None:
        """Make the folders of the state, for their owner only, and the secret, unless they are there.

        Raises:
            UserError: they cannot be made.
        """
        try:
            for folder in (self.state, self.hub_folder, self.state / "seats"):
                folder.mkdir(mode=0o700, exist_ok=True)
            path = self.state / "secret"
            if not path.exists():
                write_private(path, keys.new_secret() + "\n")
        except OSError as error:
            raise UserError(
                f"cannot make {self.state}: {error.strerror}", "choose a folder where you may write"
            ) from None


@dataclass(frozen=True)
class FollowedCourse(Course):
    """A class's folder while the class runs: a mistake in class.toml leaves what it said before."""

    followed: FollowedConfig

    @property
    def config(self) -> ClassConfig:
        return self.followed.read()


def follow_course(folder: Path) -> Course:
    """Return the folder of a class that runs; raises as `open_course` does, and `read_config`."""
    course = open_course(folder)
    return FollowedCourse(course.folder, FollowedConfig(course.config_file))


def open_course(folder: Path) -> Course:
    """Return a class's folder.

    Raises:
        UserError: there is none.
    """
    course = Course(Path(os.path.abspath(folder)))
    if not course.config_file.is_file():
        raise UserError(
            f"{folder} is no folder of a class: it has no class.toml",
            f"make one: hatlab class new {folder} --roster roster.csv",
        )
    return course
