"""class.toml: what a teacher sets of a class."""

from __future__ import annotations

import logging
import re
import shlex
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from hatlab.classroom.machines import MachinesSection
from hatlab.errors import FileError, LabError
from hatlab.lessons.play.exam import Exam
from hatlab.settings.model import EngineName
from hatlab.util.files import read_text

RUN = ("learn", "drill")
"""The commands of hatlab that a seat may run."""
DEFAULT_ADDRESS = "http://127.0.0.1:8000"


def _check_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("this should be an address such as http://192.0.2.7:8000")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("this should be an address without a path, such as http://192.0.2.7:8000")
    parts.port  # noqa: B018  raises for a port that is none
    return address.rstrip("/")


def _check_words(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words or words[0] not in RUN:
        raise ValueError(f"this should begin with {' or '.join(RUN)}")
    return text


class Section(BaseModel):
    """What a section may have, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClassSection(Section):
    """What the class is called."""

    title: str = Field("A class of hatlab", min_length=1, max_length=100)


class ServerSection(Section):
    """Where the class is found."""

    address: Annotated[str, AfterValidator(_check_address)] = DEFAULT_ADDRESS
    listen: str = ""
    certificate: str = ""
    certificate_key: str = ""

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if bool(self.certificate) != bool(self.certificate_key):
            raise ValueError("`certificate` and `certificate_key` belong together")
        return self


class SeatsSection(Section):
    """What each student has."""

    engine: EngineName = "sim"
    run: Annotated[str, AfterValidator(_check_words)] = "learn"
    memory: int = Field(400, ge=150, le=100_000)
    idle: float = Field(30, gt=0, le=24 * 60)


class ClassConfig(Section):
    """The whole file."""

    class_: ClassSection = Field(default_factory=ClassSection, alias="class")
    server: ServerSection = Field(default_factory=ServerSection)
    seats: SeatsSection = Field(default_factory=SeatsSection)
    machines: MachinesSection = Field(default_factory=MachinesSection)
    exam: Exam = Field(default_factory=Exam)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        machines, address = self.machines, self.machines.hub or self.server.address
        if machines.are_several and urlsplit(address).hostname in {"127.0.0.1", "localhost", "::1"}:
            raise _misplaced(
                ("server", "address"),
                "seats on other machines must reach this: give this machine's name or number",
            )
        if machines.spawner == "swarm" and self.seats.engine == "docker" and not machines.socket:
            raise _misplaced(
                ("machines", "socket"),
                "engine 'docker' needs the engine of a seat's machine: see `hatlab help class.md`",
            )
        return self


def _misplaced(keys: tuple[str, str], problem: str) -> PydanticCustomError:
    """Return an error about a key that does not go with another section."""
    return PydanticCustomError("misplaced", "{problem}", {"problem": problem, "keys": keys})


def read_config(path: Path) -> ClassConfig:
    """Read class.toml.

    Raises:
        FileError: it is no TOML, or a value is wrong.
        UserError: it cannot be read.
    """
    text = read_text(path, "configuration")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)", message)
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        problem = message[: place.start()] if place else message.partition(" (at ")[0]
        raise FileError(
            f"this is not TOML: {problem}",
            "put texts in double quotes",
            file=str(path),
            line=line,
            column=column,
        ) from None
    try:
        return ClassConfig.model_validate(data)
    except ValidationError as error:
        raise _located(error.errors()[0], text, path) from None


class FollowedConfig:
    """class.toml as it is now. While there is a mistake in it, what it said before goes on counting.

    Args:
        path: the file.

    Raises:
        UserError: it cannot be read to begin with.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._last = path, read_config(path)

    def __deepcopy__(self, _memo: object) -> Self:
        """Stay one for all: traitlets copies what is configured for each seat."""
        return self

    def read(self) -> ClassConfig:
        """Return what it says; what is wrong with it is logged."""
        try:
            self._last = read_config(self._path)
        except LabError as error:
            logging.warning("%s. What stood there before goes on counting.", error.in_one_line)
        return self._last


def _located(error: Any, text: str, path: Path) -> FileError:
    """Return the first thing that is wrong in a file, with its place."""
    keys = [str(part) for part in error["loc"] or error["ctx"]["keys"]]
    dotted = ".".join(keys)
    if error["type"] == "extra_forbidden":
        known = _known_keys(keys[:-1])
        message, hint = f"there is no key `{dotted}`", f"the keys here are: {', '.join(known)}"
    else:
        problem = error["msg"].removeprefix("Value error, ").replace("Input should", "this should")
        message, hint = f"`{dotted}`: {problem}", "docs/class.md describes each key"
    return FileError(message, hint, file=str(path), line=_line_of(keys, text))


def _known_keys(section: list[str]) -> list[str]:
    model: Any = ClassConfig
    for name in section:
        field = {f.alias or key: f for key, f in model.model_fields.items()}.get(name)
        model = field.annotation if field is not None else Section
    return [field.alias or key for key, field in model.model_fields.items()]


def _line_of(keys: list[str], text: str) -> int:
    """Return the line of a key, of its section where the key is missing, else the first."""
    section, found = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            section = head[1]
            if [section] == keys[:1]:
                found = number
        elif section == (keys[0] if len(keys) > 1 else "") and re.match(
            rf"\s*\"?{re.escape(keys[-1])}\"?\s*=", line
        ):
            return number
    return found


TEMPLATE = """\
# A class of hatlab. Every value here may be left out; what stands here then is what counts.
# After a change: hatlab class start {folder}   (what runs goes on; new seats follow the new values)

[class]
title = {title}

[server]
# What students open, and what each link begins with: a name or number of this machine, and a port.
address = {address}
# The number of the network card to listen on; "" for the one of the address (127.0.0.1: this machine only).
listen = ""
# For https: the files of a certificate and its key.
certificate = ""
certificate_key = ""

[seats]
# "sim": the simulator, about 100 MB a student. "docker": real MySQL and keepalived, about 300 MB more.
# "auto": Docker if it is there.
engine = "sim"
# What a seat runs, as after `hatlab`: "learn" for the lessons (those in lessons/ if there are any),
# "learn kill-mysqld" for one, "drill" for drills.
run = "learn"
# The most memory that a seat may take, in MB, without its containers.
memory = 400
# Minutes without a key after which a seat ends. Progress is kept, and the link opens a new one.
idle = 30

[machines]
# Where seats run: "local": on this machine. "swarm": on the machines of a Docker Swarm that this one manages.
# "kubernetes": on those of a cluster in which the class itself runs. `hatlab help class.md` tells how.
spawner = "local"
# What a seat takes, in MB, with its lab: it starts only where so much is free. Several machines are filled by
# it. 0: 120, with Docker 420.
memory = 0
# All that follows is for several machines.
# The image of a seat, which each machine has or can pull; "": what `hatlab class image {folder}` builds.
image = ""
# Where each machine finds what is in state/seats here: a folder that all of them mount at the same place,
# "nfs://192.0.2.7/srv/course/state/seats", or on Kubernetes "claim:NAME" of a PersistentVolumeClaim.
storage = ""
# Only machines with this label hold seats, such as "hatlab=seats"; "": all.
label = ""
# What seats reach the hub by, if not by [server]'s address.
hub = ""
# What a seat reserves besides, in processors.
processors = 0.1
# Swarm with engine "docker": the socket of the machine's engine and the number of its group, such as
# "/var/run/docker.sock" and 998. Whoever breaks out of hatlab there is root on that machine.
socket = ""
# socket_group = 998
# Kubernetes: where pods are made, and the engine beside a seat whose engine is "docker".
namespace = "hatlab"
engine_image = "docker:28-dind"

[exam]
# A lesson's id, a drill's name, or "drill" for one that differs from student to student: what seats hold that
# are started from now on, and nothing else. "": no exam. hatlab help grading tells what an exam is.
lesson = ""
# Of "drill": how hard it is, 1 to 3.
level = 1
name = "exam"
# How long it takes, from the moment at which a student begins.
minutes = 45
# How often a student may begin it, and how often a question may be answered.
attempts = 1
tries = 1
# When it may be begun first, and when it ends for everybody; this machine's time.
# opens = 2030-01-31T09:00:00
# closes = 2030-01-31T10:30:00
"""
"""A new class.toml."""
