"""Everything that a class sets of JupyterHub, in one place."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hatlab.classroom import keys
from hatlab.classroom.course import Course
from hatlab.classroom.hub.addresses import BOARD, BOARD_MODULE, COMMAND, bind_address
from hatlab.classroom.hub.authenticator import LinkAuthenticator, landing_page
from hatlab.classroom.hub.ports import read_ports
from hatlab.classroom.hub.roles import ROLES


def configure_hub(c: Any, course: Course) -> None:
    """Set the hub of a class.

    Args:
        c: traitlets' configuration object.
        course: the class.

    Raises:
        UserError: a file of the class cannot be read.
    """
    ports, secret = read_ports(course), course.secret
    _set_addresses(c, course)
    c.JupyterHub.authenticator_class = LinkAuthenticator
    c.LinkAuthenticator.course = course
    _set_spawner(c, course)
    c.JupyterHub.default_url = landing_page
    c.JupyterHub.implicit_spawn_seconds = 0.5  # whoever opens their own address gets their seat
    c.JupyterHub.template_paths = [str(Path(__file__).parent / "templates")]
    c.JupyterHub.cookie_secret = keys.cookie_secret(secret)
    c.JupyterHub.db_url = f"sqlite:///{course.hub_folder / 'hub.sqlite'}"
    c.JupyterHub.concurrent_spawn_limit = 0
    c.JupyterHub.allow_named_servers = False
    c.JupyterHub.shutdown_on_logout = False
    c.JupyterHub.cleanup_servers = False  # seats outlive a hub that ends
    c.JupyterHub.cleanup_proxy = False
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.auth_token = keys.proxy_token(secret)
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports.proxy}"
    c.JupyterHub.load_roles = ROLES
    c.JupyterHub.services = [
        {"name": COMMAND, "api_token": keys.service_token(secret, COMMAND)},
        _board(secret, ports.board),
    ]


def _set_spawner(c: Any, course: Course) -> None:
    """Choose who starts seats; those elsewhere reach the hub and the board as browsers do, by the proxy."""
    machines = course.config.machines
    hub = f"http://127.0.0.1:{read_ports(course).board}"
    match machines.spawner:
        case "local":
            from hatlab.classroom.hub.spawner import SeatSpawner as Seat
        case "swarm":
            from hatlab.classroom.hub.swarm import SwarmSeat as Seat
            from hatlab.classroom.hub.swarm import configure_swarm

            configure_swarm(c, course)
        case "kubernetes":
            from hatlab.classroom.hub.kubernetes import KubernetesSeat as Seat
            from hatlab.classroom.hub.kubernetes import configure_kubernetes

            configure_kubernetes(c, course)
    if machines.are_several:
        hub = c.ClassSpawner.hub_connect_url = machines.hub or course.config.server.address
    c.JupyterHub.spawner_class = Seat
    c.ClassSpawner.course = course
    c.ClassSpawner.board_url = f"{hub}/services/{BOARD}/seat"


def _board(secret: str, port: int) -> dict[str, Any]:
    """The board is started by `hatlab class start`, so that it outlives the hub."""
    service: dict[str, Any] = {
        "name": BOARD,
        "api_token": keys.service_token(secret, BOARD),
        "display": False,
    }
    if find_spec(BOARD_MODULE) is not None:
        service |= {"url": f"http://127.0.0.1:{port}", "oauth_no_confirm": True}
    return service


def _set_addresses(c: Any, course: Course) -> None:
    listen, port = bind_address(course)
    scheme = urlsplit(course.config.server.address).scheme
    c.JupyterHub.bind_url = f"{scheme}://{listen}:{port}"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{read_ports(course).hub}"
