"""The Docker SDK's client, with an eye on the engine: how long it takes to answer, and how much it says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from docker import APIClient, DockerClient
from requests import PreparedRequest, Response
from requests.exceptions import ReadTimeout, RequestException

SLOW = 2.0
"""Seconds without an answer after which that is told; then after twice as long, and so on."""
_WAITS = "Waiting for Docker, which has not answered for {:.0f} s"
_SSH = "http+docker://ssh"
"""What the SDK calls an engine that is reached by ssh."""
MOST_BYTES = 64_000_000
"""The longest answer that is read, but for streams: a list of containers is a thousandth of it."""


class CallWatch:
    """Which calls the engine has not answered yet.

    Args:
        on_slow: hears a sentence when an answer takes long, on a thread of its own.
    """

    def __init__(self, on_slow: Callable[[str], None] | None) -> None:
        self._on_slow = on_slow
        self._begun: dict[object, float] = {}
        self._timers: dict[object, threading.Timer] = {}
        self._answered = 0.0
        """When the last answer came."""

    @property
    def silence(self) -> float:
        """Seconds that a call has waited in which no other was answered either, 0 if none waits."""
        begun = list(self._begun.values())
        return time.monotonic() - max(min(begun), self._answered) if begun else 0.0

    @property
    def sentence(self) -> str:
        """What is waited for, once it takes long; else empty."""
        silence = self.silence
        return _WAITS.format(silence) if silence > SLOW else ""

    @contextmanager
    def watch_call(self) -> Iterator[None]:
        """Count a call as unanswered meanwhile."""
        call = object()
        self._begun[call] = time.monotonic()
        try:
            self._tell_later(call, SLOW)
            yield
        finally:
            del self._begun[call]
            if (timer := self._timers.pop(call, None)) is not None:
                timer.cancel()  # its thread ends now: those of all calls of a start would be dozens
            self._answered = time.monotonic()

    def _tell_later(self, call: object, seconds: float) -> None:
        if self._on_slow is not None:
            timer = self._timers[call] = threading.Timer(seconds, self._tell, (call, seconds))
            timer.daemon = True
            timer.start()

    def _tell(self, call: object, seconds: float) -> None:
        began = self._begun.get(call)
        if began is not None and self._on_slow is not None:
            waited = time.monotonic() - began
            self._on_slow(f"{_WAITS.format(waited)} (Ctrl+C gives up).")
            if call in self._begun:
                self._tell_later(call, 2 * seconds)


class WatchedAPI(APIClient):
    """The low-level client. No answer is longer, or takes longer, than it may."""

    def __init__(self, watch: CallWatch, **settings: Any) -> None:
        self.watch = watch
        self._engine_version: dict[str, Any] | None = None
        try:
            super().__init__(**settings)
        except BaseException:
            self.close()  # it has asked for the version
            raise

    def version(self, api_version: bool = True) -> dict[str, Any]:
        """What the engine says of its version; it is asked once."""
        if self._engine_version is None:
            self._engine_version = super().version(api_version)
        return self._engine_version

    def mount(self, prefix: str | bytes, adapter: Any) -> None:
        """As the SDK asks for it, but through ssh by a transport that knows deadlines."""
        if prefix == _SSH:
            from hatlab.engine.docker.ssh_transport import SSHAdapter

            adapter = SSHAdapter(adapter.ssh_host, adapter.max_pool_size)
        super().mount(prefix, adapter)

    def _get_raw_response_socket(self, response: Response) -> Any:
        sdk: Any = super()
        if not self.base_url.startswith(_SSH):
            return sdk._get_raw_response_socket(response)
        sdk._raise_for_status(response)
        raw: Any = response.raw._fp.fp.raw  # type: ignore[union-attr]  # the SDK does it so for other engines
        raw._response = response  # its connection lives as long
        return raw

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """As Requests does it, but REQUESTS_CA_BUNDLE, a CA for websites, does not replace the engine's."""
        own = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, own, cert)

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        with self.watch.watch_call():
            if options.get("stream"):
                return super().send(request, **options)
            response: Response = super().send(request, **{**options, "stream": True})
            response._content = _read_whole(response, options.get("timeout"))
            response._content_consumed = True  # type: ignore[attr-defined]
            return response


class WatchedClient(DockerClient):
    """The SDK's client on a `WatchedAPI`; see there and `docker.DockerClient`."""

    def __init__(self, on_slow: Callable[[str], None] | None, **settings: Any) -> None:
        self.watch = CallWatch(on_slow)
        self.api = WatchedAPI(self.watch, **settings)


def _read_whole(response: Response, timeout: object) -> bytes:
    """Read an answer.

    Raises:
        RequestException: it is too long, or does not end in time.
    """
    began, parts, size = time.monotonic(), [], 0
    seconds = timeout if isinstance(timeout, int | float) else 60.0
    # a read of what is there: one of so many bytes would wait for the last of them, however long
    while part := response.raw.read1(65536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            response.close()
            raise RequestException(f"its answer is longer than {MOST_BYTES // 1_000_000} MB")
        if time.monotonic() - began > seconds:
            response.close()
            raise ReadTimeout(f"its answer does not end within {seconds:g} s")
    return b"".join(parts)
