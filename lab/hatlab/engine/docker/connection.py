"""Connects to a Docker engine (DOCKER_HOST, a context, or this machine's) and rewords its errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hatlab.errors import EngineError, EngineUnavailable, ImageMissing

if TYPE_CHECKING:
    from docker import DockerClient

MIN_API_VERSION = (1, 41)
"""Docker 20.10."""
DOCTOR = "`hatlab doctor` explains; `--engine sim` needs no Docker"


def connect(context: str | None = None, timeout: int = 60) -> DockerClient:
    """Return a client of the engine that DOCKER_HOST, the context or the default names.

    Args:
        context: a name from `docker context ls`; None takes DOCKER_HOST, then the current context.

    Raises:
        EngineUnavailable: nothing answers there, it may not be used, or it is too old.
    """
    import docker
    from docker.errors import DockerException

    try:
        settings = _client_settings(context)
        client = docker.DockerClient(version="auto", timeout=timeout, max_pool_size=32, **settings)
    except (DockerException, OSError, ValueError) as error:
        raise _unavailable(error) from None
    api_version = tuple(int(part) for part in client.api.api_version.split("."))
    if api_version < MIN_API_VERSION:
        client.close()
        raise EngineUnavailable(
            f"this Docker engine is too old (API {client.api.api_version})",
            "hatlab needs Docker 20.10 or newer",
        )
    return client


def _client_settings(context: str | None) -> dict[str, Any]:
    from docker.context import ContextAPI
    from docker.utils import kwargs_from_env

    if context is None and os.environ.get("DOCKER_HOST"):
        return dict(kwargs_from_env())
    try:
        chosen = ContextAPI.get_context(context) if context else ContextAPI.get_current_context()
    except Exception as error:  # noqa: BLE001 - the SDK raises bare exceptions here
        if context is None:
            return {}
        problem = f"cannot read the Docker context {context!r}: {error}"
        raise EngineUnavailable(problem, "`docker context ls` lists them") from None
    if chosen is None:
        if context:
            problem = f"there is no Docker context {context!r}"
            raise EngineUnavailable(problem, "`docker context ls` lists them")
        return {}
    host = chosen.Host
    settings: dict[str, Any] = {"base_url": host} if host else {}
    if chosen.TLSConfig:
        settings["tls"] = chosen.TLSConfig
    if host and host.startswith("ssh://"):
        settings["use_ssh_client"] = True
    return settings


def engine_address(context: str | None) -> str:
    """Return the address of the engine that `connect` reaches, such as `unix:///var/run/docker.sock`."""
    settings = _client_settings(context)
    return str(settings.get("base_url") or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")


def _unavailable(error: BaseException) -> EngineUnavailable:
    text = str(error)
    if "Permission denied" in text or "PermissionError" in text:
        return EngineUnavailable(
            "you are not allowed to use this machine's Docker engine",
            "join the group docker (sudo usermod -aG docker $USER; log in again), or use rootless Docker",
        )
    where = os.environ.get("DOCKER_HOST") or "this machine"
    if any(sign in text for sign in ("No such file", "FileNotFound", "Connection refused", "refused")):
        return EngineUnavailable(f"no Docker engine answers on {where}", f"start Docker; {DOCTOR}")
    return EngineUnavailable(f"cannot talk to a Docker engine on {where}: {one_line(error)}", DOCTOR)


def one_line(error: BaseException) -> str:
    """Return the message of a Docker SDK error on one line."""
    explanation = getattr(error, "explanation", None)
    text = str(explanation or error) or type(error).__name__
    return " ".join(text.split())[:300]


@contextmanager
def plain_errors(problem: str) -> Iterator[None]:
    """Turn the SDK's errors into an EngineError that says the problem and what helps.

    Raises:
        EngineError: instead of what the SDK or the connection raised.
    """
    from docker.errors import DockerException, ImageNotFound
    from requests.exceptions import RequestException

    try:
        yield
    except ImageNotFound:
        raise ImageMissing("the node image is not on this Docker engine", "hatlab image build") from None
    except (DockerException, RequestException, OSError) as error:
        text = one_line(error)
        hint = DOCTOR
        if "no space left" in text.lower():
            hint = "free some disk space where Docker keeps its data (docker system df shows what takes it)"
        elif "active endpoints" in text:
            hint = "something else is attached to it, or Docker has miscounted; restarting Docker fixes that"
        elif "Connection aborted" in text or "Read timed out" in text or isinstance(error, ConnectionError):
            hint = "check whether the Docker engine has stopped"
        raise EngineError(f"{problem}: {text}", hint) from None
