"""Connects to a Docker engine (DOCKER_HOST, a context, or this machine's) and rewords its errors."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.parallel import on_daemon_thread
from hatlab.errors import EngineError, EngineUnavailable, ImageMissing

if TYPE_CHECKING:
    from docker import DockerClient

MIN_API_VERSION = (1, 41)
"""Docker 20.10."""
DOCTOR = "`hatlab doctor` explains; `--engine sim` needs no Docker"


ANSWER_TIME = 10.0
"""Seconds in which an engine must say which version it is: the first call, which needs none of its work."""
CALL_TIME = 60.0
"""Seconds in which it must answer any other: to start or remove a container takes long on a busy machine."""
_WAIT_SLICE = 0.25
"""Seconds that is waited at a stretch: a wait without a limit may not hear Ctrl-C."""


def connect(
    context: str | None = None,
    timeout: float | None = None,
    on_slow: Callable[[str], None] | None = None,
) -> DockerClient:
    """Return a client of the engine that DOCKER_HOST, the context or the default names.

    Args:
        context: a name from `docker context ls`; None takes DOCKER_HOST, then the current context.
        timeout: seconds in which each call must be answered; None for `CALL_TIME`.
        on_slow: hears a sentence while the engine takes long to answer.

    Raises:
        EngineUnavailable: nothing answers there, it may not be used, or it is too old.
    """
    from docker.errors import DockerException

    from hatlab.engine.docker.watched_client import WatchedClient

    waits = True

    def tell(sentence: str) -> None:
        if waits and on_slow is not None:
            on_slow(sentence)

    try:
        settings = _client_settings(context)
        make = partial(WatchedClient, tell, version="auto", timeout=ANSWER_TIME, max_pool_size=32, **settings)
        client = _first_answer(on_daemon_thread(make, "connect"))
        api_version = tuple(int(part) for part in str(client.api.api_version).split("."))
    except (DockerException, OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        waits = False  # the call goes on, but nobody waits for it
        raise _unavailable(error) from None
    client.api.timeout = CALL_TIME if timeout is None else timeout  # type: ignore[assignment]
    if api_version < MIN_API_VERSION:
        client.close()
        raise EngineUnavailable(
            f"this Docker engine is too old (API {client.api.api_version})",
            "hatlab needs Docker 20.10 or newer",
        )
    return client


def _first_answer(connecting: Future[DockerClient]) -> DockerClient:
    """Return the client once its engine has said its version.

    Raises:
        TimeoutError: it has not; a connection through ssh knows no deadline of its own.
    """
    deadline = time.monotonic() + ANSWER_TIME + 1
    while wait([connecting], _WAIT_SLICE).not_done:
        if time.monotonic() > deadline:
            raise TimeoutError
    return connecting.result()


def _client_settings(context: str | None) -> dict[str, Any]:
    from docker.context import ContextAPI
    from docker.utils import kwargs_from_env

    if context is None and os.environ.get("DOCKER_HOST"):
        settings: dict[str, Any] = dict(kwargs_from_env())
        return {**settings, **_ssh_settings(settings.get("base_url"))}
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
    settings = {"base_url": host, **_ssh_settings(host)} if host else {}
    if chosen.TLSConfig:
        settings["tls"] = chosen.TLSConfig
    return settings


def _ssh_settings(address: object) -> dict[str, Any]:
    """Use the ssh command, as Docker's own does, with the user's keys and configuration."""
    return {"use_ssh_client": True} if str(address).startswith("ssh://") else {}


def engine_address(context: str | None) -> str:
    """Return the address of the engine that `connect` reaches, such as `unix:///var/run/docker.sock`."""
    settings = _client_settings(context)
    return str(settings.get("base_url") or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it: libraries wrap one in the other, as a cause or an argument."""
    pending, seen = [error], set[int]()
    while pending:
        found = pending.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            inner = (found.__cause__, found.__context__, getattr(found, "reason", None), *found.args)
            pending += [each for each in inner if isinstance(each, BaseException)]


def is_caused_by(error: BaseException, *kinds: type[BaseException]) -> bool:
    """True if an error is one of these kinds, or wraps one."""
    return any(isinstance(cause, kinds) for cause in causes_of(error))


def is_silence(error: BaseException) -> bool:
    """True if an error means that no answer came in time."""
    from requests.exceptions import Timeout

    return is_caused_by(error, Timeout, TimeoutError)


def _unavailable(error: BaseException) -> EngineUnavailable:
    if is_caused_by(error, PermissionError):
        return EngineUnavailable(
            "you are not allowed to use this machine's Docker engine",
            "join the group docker (sudo usermod -aG docker $USER; log in again), or use rootless Docker",
        )
    where = os.environ.get("DOCKER_HOST") or "this machine"
    if "paramiko" in str(error):
        return EngineUnavailable(
            "an engine at ssh:// needs one more package, paramiko", 'install it: pip install "hatlab[ssh]"'
        )
    if is_caused_by(error, ssl.SSLError):
        return EngineUnavailable(
            f"the Docker engine on {where} and hatlab do not trust each other: {_tls_problem(error)}",
            "DOCKER_CERT_PATH, or the context, names a folder with ca.pem, cert.pem and key.pem for it",
        )
    if "to an HTTPS server" in str(error):
        return EngineUnavailable(
            f"the Docker engine on {where} speaks TLS", "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH for it"
        )
    if is_silence(error) and where.startswith("ssh://"):
        problem = f"ssh to {where} has brought no answer of a Docker engine for {ANSWER_TIME:g} s"
        return EngineUnavailable(problem, f"try: docker --host {where} version; {DOCTOR}")
    if is_silence(error):
        problem = f"the Docker engine on {where} accepts calls, but has not answered for {ANSWER_TIME:g} s"
        return EngineUnavailable(problem, f"it may hang or be overloaded: restart it, or wait; {DOCTOR}")
    if not hasattr(socket, "AF_UNIX") and is_caused_by(error, AttributeError):
        problem = "this system has no Unix sockets, by which Docker would be asked here"
        return EngineUnavailable(problem, "set DOCKER_HOST=tcp://HOST:PORT; or start a lab with --engine sim")
    if is_caused_by(error, FileNotFoundError, ConnectionRefusedError):
        return EngineUnavailable(f"no Docker engine answers on {where}", f"start Docker; {DOCTOR}")
    return EngineUnavailable(f"cannot talk to a Docker engine on {where}: {one_line(error)}", DOCTOR)


def _tls_problem(error: BaseException) -> str:
    """Return what OpenSSL says, without the layers around it."""
    cause = next(cause for cause in causes_of(error) if isinstance(cause, ssl.SSLError))
    reason = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or str(cause)
    return str(reason).replace("_", " ").lower()


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
    from requests.exceptions import ConnectionError as RequestsConnectionError
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
        elif is_silence(error) or is_caused_by(error, ConnectionError, RequestsConnectionError):
            hint = "check whether the Docker engine has stopped"
        raise EngineError(f"{problem}: {text}", hint) from None
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        text = f"its answer cannot be understood ({type(error).__name__}: {one_line(error)})"
        raise EngineError(f"{problem}: {text}", "look what answers in Docker's place") from error
