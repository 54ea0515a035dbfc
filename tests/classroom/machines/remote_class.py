"""A class whose seats run on other machines, and its spawners as JupyterHub makes them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from jupyterhub.objects import Hub, Server
from traitlets.config import Config

from hatlab.classroom.course import Course
from hatlab.classroom.hub.configuration import configure_hub
from tests.classroom.running_class import new_course

ADDRESS = "http://192.0.2.7:8000"
SWARM = 'spawner = "swarm"\nstorage = "/srv/seats"\n'
KUBERNETES = 'spawner = "kubernetes"\nstorage = "claim:seats"\nhub = "http://class:30800"\n'


def class_on(folder: Path, machines: str, seats: str = "") -> Course:
    course = new_course(folder, 3)
    text = f'[server]\naddress = "{ADDRESS}"\n[seats]\n{seats}\n[machines]\n{machines}'
    course.config_file.write_text(text, encoding="utf-8")
    return Course(course.folder)


def seat_of(kind: Any, course: Course, name: str = "s01") -> Any:
    """A spawner as JupyterHub makes it, with everything that the class sets."""
    config = Config()
    configure_hub(config, course)
    user = Mock(settings={}, url=f"/user/{name}/", escaped_name=name)
    user.name = name
    row = SimpleNamespace(name="", server=None, state={})
    seat = kind(config=config, user=user, hub=Hub(port=1, base_url="/hub/"), orm_spawner=row, api_token="t")
    seat.server = Server(ip="", port=1, base_url=f"/user/{name}/")
    return seat
