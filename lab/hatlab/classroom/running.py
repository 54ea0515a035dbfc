"""Starts and ends a class: its proxy, its hub, its board, and at the end all its seats."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from hatlab.classroom import keys
from hatlab.classroom.course import COURSE_VARIABLE, Course
from hatlab.classroom.hub.addresses import BOARD, BOARD_MODULE, COMMAND, bind_address
from hatlab.classroom.hub.ports import Ports, read_ports
from hatlab.classroom.processes import LockedProcess
from hatlab.classroom.setup import proxy_command
from hatlab.errors import LabError, UserError
from hatlab.util.files import open_input
from hatlab.util.text import plural

_START_WITHIN = 60.0
_SILENT_SEAT = 45
"""Seconds until the proxy gives a request up: a lab answers the board within 40, a dead machine never."""
_SEATS_END_WITHIN = 40.0
_DATABASE = b"SQLite format 3\0"
"""What the hub's database begins with."""


def hub_process(course: Course) -> LockedProcess:
    """The hub of a class."""
    return _process(course, "hub")


def board_process(course: Course) -> LockedProcess:
    """The board of a class."""
    return _process(course, "board")


def _process(course: Course, name: str) -> LockedProcess:
    folder = course.hub_folder
    return LockedProcess(f"the {name}", folder / f"{name}.lock", folder / f"{name}.log")


def seat_process(folder: Path) -> LockedProcess:
    """The seat that has this folder."""
    return LockedProcess(f"the seat {folder.name}", folder / "seat.lock", folder / "seat.log")


def start_class(course: Course) -> bool:
    """Start what does not run of a class; return False if all of it ran.

    Raises:
        UserError: a file of the class is wrong, a part is missing, or its port is taken.
        LabError: something did not start.
    """
    course.make_state()
    config, students = course.config, course.read_students()
    assert config
    assert students
    command, ports = proxy_command(), read_ports(course)
    proxy, hub, board = (_process(course, name) for name in ("proxy", "hub", "board"))
    ran = proxy.is_running and hub.is_running
    if not proxy.is_running:
        _require_free_port(course)
        proxy.start([*command, *_proxy_options(course, ports)], _proxy_environment(course))
    environment = {**os.environ, COURSE_VARIABLE: str(course.folder)}
    config_file = Path(__file__).parent / "hub" / "jupyterhub_config.py"
    if not hub.is_running:
        _put_aside_what_is_no_database(course.hub_folder / "hub.sqlite")
    hub.start([sys.executable, "-m", "jupyterhub", "-f", str(config_file)], environment)
    if find_spec(BOARD_MODULE) is not None:
        board.start(
            [sys.executable, "-m", BOARD_MODULE], {**environment, **_board_environment(course, ports)}
        )
    _wait_until_open(course, proxy, hub)
    return not ran


def _put_aside_what_is_no_database(path: Path) -> None:
    """Let the hub begin a new database where its own is none: it holds logins alone."""
    with suppress(OSError, UserError):
        with open_input(path) as file:
            begin = file.read(len(_DATABASE))
        if begin and begin != _DATABASE:
            path.replace(path.with_suffix(".damaged"))


def _require_free_port(course: Course) -> None:
    listen, port = bind_address(course)
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen, port))
        except OSError as error:
            where = f"port {port}" if not listen else f"{listen}, port {port}"
            raise UserError(
                f"cannot listen on {where}: {error.strerror}",
                f"choose another `address` in {course.config_file}",
            ) from None


def _proxy_options(course: Course, ports: Ports) -> list[str]:
    listen, port = bind_address(course)
    hub = f"http://127.0.0.1:{ports.hub}"
    server = course.config.server
    options = ["--ip", listen, "--port", str(port), "--api-ip", "127.0.0.1", "--api-port", str(ports.proxy)]
    options += ["--default-target", hub, "--error-target", f"{hub}/hub/error", "--log-level", "warn"]
    if course.config.machines.are_several:
        options += ["--proxy-timeout", str(_SILENT_SEAT * 1000)]
    if server.certificate:
        options += ["--ssl-cert", server.certificate, "--ssl-key", server.certificate_key]
    return options


def _proxy_environment(course: Course) -> dict[str, str]:
    return {**os.environ, "CONFIGPROXY_AUTH_TOKEN": keys.proxy_token(course.secret)}


def _board_environment(course: Course, ports: Ports) -> dict[str, str]:
    """What JupyterHub tells a service: this one is started here, so that it outlives the hub."""
    prefix = f"/services/{BOARD}/"
    return {
        "JUPYTERHUB_SERVICE_NAME": BOARD,
        "JUPYTERHUB_API_TOKEN": keys.service_token(course.secret, BOARD),
        "JUPYTERHUB_CLIENT_ID": f"service-{BOARD}",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{ports.hub}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{ports.board}",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps([f"access:services!service={BOARD}"]),
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps([f"access:services!service={BOARD}"]),
    }


def _wait_until_open(course: Course, *processes: LockedProcess) -> None:
    """Wait until the first page of the class is there.

    Raises:
        LabError: a process has ended, or it takes too long.
    """
    until = time.monotonic() + _START_WITHIN
    while not _is_open(course):
        for process in processes:
            if not process.is_running:
                said = process.last_line()
                raise LabError(f"{process.name} ended at once: “{said[:200]}”", f"its log is {process.log}")
        if time.monotonic() > until:
            raise LabError(
                f"the class did not open within {_START_WITHIN:g} s", f"look into {course.hub_folder}"
            )
        time.sleep(0.1)


def _is_open(course: Course) -> bool:
    """True if the hub answers, and through the proxy."""
    try:
        ask_hub(course, "GET", "/")
        listen, port = bind_address(course)
        scheme = urlsplit(course.config.server.address).scheme
        host = listen or "127.0.0.1"
        _request("GET", f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/hub/api/", {})
    except (OSError, ValueError):
        return False
    return True


def ask_hub(course: Course, method: str, path: str) -> Any:
    """Ask the hub's API as this command; return what it answers.

    Raises:
        OSError: it does not answer, or refuses.
        ValueError: it answers something else.
    """
    token = keys.service_token(course.secret, COMMAND)
    address = f"http://127.0.0.1:{read_ports(course).hub}/hub/api{path}"
    return _request(method, address, {"Authorization": f"token {token}"})


def _request(method: str, address: str, headers: dict[str, str]) -> Any:
    import ssl

    unchecked = ssl.create_default_context()  # it is our own proxy, by its number
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unchecked)
    )
    request = urllib.request.Request(address, method=method, headers=headers)
    try:
        with opener.open(request, timeout=10) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        raise
    return json.loads(body) if body else None


def stop_class(course: Course, report: Callable[[str], None]) -> bool:
    """End a class with all its seats; return False if nothing of it was running.

    Args:
        report: is told what takes a while.
    """
    seats = [process for folder in _seat_folders(course) if (process := seat_process(folder)).is_running]
    hub = hub_process(course)
    if seats:
        report(
            plural(len(seats), "Ending {count} seat and its lab …", "Ending {count} seats and their labs …")
        )
    if hub.is_running:
        with suppress(OSError, ValueError):
            _end_seats_by_hub(course)
    for seat in seats:
        if pid := seat.pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
    ended = [seat.wait_for_end(_SEATS_END_WITHIN) or seat.stop(5) for seat in seats]
    others = [_process(course, name).stop() for name in ("hub", "board", "proxy")]
    return any([*ended, *others, _end_on_swarm(course, report)])


def _end_on_swarm(course: Course, report: Callable[[str], None]) -> bool:
    """End the seats that are services of a swarm; return True if there were any.

    A mistake in class.toml keeps nothing of this machine alive.
    """
    try:
        spawner = course.config.machines.spawner
    except UserError as error:
        report(f"{error.in_one_line}. If seats are on a swarm, mend this and stop the class once more.")
        return False
    if spawner != "swarm":
        return False
    from hatlab.classroom.swarm import end_services

    return bool(end_services(course, _SEATS_END_WITHIN))


def _end_seats_by_hub(course: Course) -> None:
    """Let the hub end all seats, those on other machines too."""
    for user in ask_hub(course, "GET", "/users?state=active"):
        with suppress(OSError, ValueError):
            ask_hub(course, "DELETE", f"/users/{quote(user['name'])}/server")
    until = time.monotonic() + _SEATS_END_WITHIN
    while time.monotonic() < until and ask_hub(course, "GET", "/users?state=active"):
        time.sleep(0.1)


def _seat_folders(course: Course) -> list[Path]:
    folder = course.state / "seats"
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
