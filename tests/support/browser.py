"""A headless Chromium for tests of pages, driven over two pipes by the DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The browser's command, None where there is none."""
PATIENCE = 30.0
"""Seconds to wait for an answer: a browser on a busy machine is slow."""
_FLAGS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--mute-audio"),
    *("--disable-extensions", "--disable-background-networking", "--disable-component-update"),
    *("--hide-scrollbars", "--disable-dev-shm-usage", "--force-color-profile=srgb"),
)
_KEYS = {" ": "Space", ",": "Comma", ".": "Period", "<": "Comma", ">": "Period", "+": "Equal", "-": "Minus"}
_KEY_NUMBERS = {
    "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35,
    "Enter": 13, "Escape": 27, "Tab": 9, "Backspace": 8}  # fmt: skip
"""Keys without a text need their number, too."""


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.problems: list[str] = []
        """What the page's scripts threw, logged as an error, or were refused by its policy."""
        self.received = ""
        """What came over its web sockets; of frames that are no text, their bytes as UTF-8."""
        self.origin = "file:"
        """Where the page may load from, besides from itself."""

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        return self._browser.call(method, params, self._session)

    def open(self, path: Path, fragment: str = "", *, ready: str = "true") -> None:
        """Open a file, and wait until the page is loaded and an expression is true."""
        self.open_address(path.resolve().as_uri() + fragment, ready=ready)

    def open_address(self, address: str, *, ready: str = "true") -> None:
        """Open an address, and wait until the page is loaded and an expression is true."""
        self.call("Page.navigate", url=address)
        self.wait_for(f"document.readyState === 'complete' && ({ready})")

    def visit(self, url: str, *, ready: str) -> None:
        """Open an address, and wait until an expression is true on the page to which that leads."""
        self.origin = url[: url.index("/", len("https://"))]
        self.open_address(url, ready=ready)

    def close(self) -> None:
        """Close the tab."""
        self._browser.close_page(self._session)

    def run(self, expression: str) -> Any:
        """Return an expression's value.

        Raises:
            AssertionError: it threw.
        """
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Return an expression's value once it is true."""
        deadline = time.monotonic() + PATIENCE
        while not (value := self.run(expression)):
            assert time.monotonic() < deadline, (
                f"never true: {expression}; {self.problems}; {self.run('document.body.innerText')[:800]}"
            )
            time.sleep(0.02)
        return value

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key, named as in `KeyboardEvent.key`."""
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        named: dict[str, Any] = {"key": key, "code": _KEYS.get(key, key), "modifiers": 8 * shift}
        if key in _KEY_NUMBERS:
            named["windowsVirtualKeyCode"] = _KEY_NUMBERS[key]
        self.call("Input.dispatchKeyEvent", type="keyDown", **named, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def click(self, selector: str, share: float = 0.5) -> None:
        """Click an element, at a share of its width."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        box = self.run(
            f"(() => {{ const {{left, top, width, height}} = document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect(); return {left, top, width, height}; })()"
        )
        x, y = box["left"] + box["width"] * share, box["top"] + box["height"] / 2
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """Set the size of the window's inside."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False},
        )

    def prefer(self, *, media: str = "", **features: str) -> None:
        """Set what the reader prefers (`color_scheme="dark"`, `reduced_motion="reduce"`), and the medium."""
        found = [{"name": f"prefers-{name.replace('_', '-')}", "value": v} for name, v in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=found)

    def is_visible(self, selector: str) -> bool:
        """Return True if an element takes room in the page. It works where scripts are off, too."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        return "error" not in self._browser.ask("DOM.getBoxModel", {"nodeId": node}, self._session)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write a picture of what is seen, or of the whole page."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def print(self) -> bytes:
        """Return the page printed, as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])


class Browser:
    """A running Chromium."""

    def __init__(self, process: subprocess.Popen[bytes], reader: int, writer: int) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self._buffer = b""
        self._number = 0
        self._pages: dict[str, Page] = {}

    def call(self, method: str, params: dict[str, Any], session: str = "") -> dict[str, Any]:
        """Call a method and return its result.

        Raises:
            AssertionError: it failed, or nothing answers.
        """
        message = self.ask(method, params, session)
        assert "error" not in message, (method, message["error"])
        result: dict[str, Any] = message["result"]
        return result

    def ask(self, method: str, params: dict[str, Any], session: str = "") -> dict[str, Any]:
        """Call a method and return the whole answer, which may be an error."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        request |= {"sessionId": session} if session else {}
        os.write(self._writer, json.dumps(request).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while (message := self._next_message(deadline)).get("id") != self._number:
            self._note(message)
        return message

    def new_page(self, *, own_cookies: bool = False) -> Page:
        """Open an empty tab; with cookies of its own, it is somebody else's."""
        where = {"url": "about:blank"}
        if own_cookies:
            where["browserContextId"] = self.call("Target.createBrowserContext", {})["browserContextId"]
        target = self.call("Target.createTarget", where)["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.size(1280, 900)
        return page

    def close_page(self, session: str) -> None:
        """Close a tab."""
        self.call("Page.close", {}, session)
        del self._pages[session]

    def _next_message(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reader], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self._reader, 1 << 20) if ready else b""
            assert data, "the browser does not answer"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        page, params = self._pages.get(message.get("sessionId", "")), message.get("params", {})
        if page is None:
            return
        match message["method"]:
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                page.problems.append(details.get("exception", {}).get("description", details["text"]))
            case "Log.entryAdded":
                page.problems.append(params["entry"]["text"])
            case "Network.webSocketFrameReceived":
                frame = params["response"]
                raw = frame["payloadData"]
                page.received += (
                    raw if frame["opcode"] == 1 else base64.b64decode(raw).decode("utf-8", "replace")
                )
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith(
                (page.origin, "blob:")
            ):
                page.problems.append(f"it asks for {params['request']['url']:.100}")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run a Chromium for the length of a block."""
    assert CHROMIUM is not None
    requests, answers = os.pipe(), os.pipe()
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        command = [CHROMIUM, *_FLAGS, *sandbox, f"--user-data-dir={profile}", "about:blank"]
        plumbed = f'exec "$@" 3<&{requests[0]} 4>&{answers[1]}'
        process = subprocess.Popen(
            ["bash", "-c", plumbed, "bash", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(requests[0], answers[1]),
        )
        os.close(requests[0])
        os.close(answers[1])
        browser = Browser(process, answers[0], requests[1])
        try:
            yield browser
            browser.call("Browser.close", {})
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
            os.close(requests[1])
            os.close(answers[0])
