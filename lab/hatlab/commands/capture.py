"""Capture the running lab's frames, on all nodes or some, live into Wireshark or a file.

Each interface has its node's name. Transitions, conditions, outages and actions are comments on the
first packet behind them. It ends with the lab, with Wireshark, or when you press Ctrl+C.
"""

from __future__ import annotations

import stat
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from math import inf, isfinite
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json, refuse_on_stdout
from hatlab.errors import LabError, UserError

if TYPE_CHECKING:
    from hatlab.commands.support.live_capture import FrameFeed, LiveCapture
    from hatlab.control import RunningLab
    from hatlab.topology.layout import Layout

EXAMPLE = """
hatlab capture | wireshark -k -i -               every frame of the running lab, live
hatlab capture db2 -w db2.pcapng --duration 30   what db2 sees in half a minute
hatlab capture --filter "vrrp and src host db1" | tshark -r -
hatlab capture --wait -w run.pcapng              from the start of the lab that is started next
"""
_LOOK = 0.2
"""Seconds between two looks whether a lab has started."""


def configure(parser: ArgumentParser) -> None:
    from hatlab.capture_files.frame_filter import WORDS

    parser.add_argument("nodes", nargs="*", metavar="NODE", help="capture on this node (default: on all)")
    parser.add_argument(
        "-w", dest="file", metavar="FILE", type=Path, help="write to this file instead of stdout"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument("--filter", metavar="EXPR", default="", help=f"write only frames that match: {WORDS}")
    parser.add_argument("--count", metavar="N", type=_read_count, default=inf, help="end after N frames")
    parser.add_argument(
        "--duration", metavar="S", type=_read_seconds, default=inf, help="end after S seconds"
    )
    parser.add_argument("--wait", action="store_true", help="wait for a lab to start, if none is running")
    parser.add_argument("--lab", metavar="ID", help="which lab: its id, or the start or end of it")
    add_json_option(parser, "with -w FILE: print one JSON object that says what was captured")


def _read_count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a number of frames")
    return int(text)


def _read_seconds(text: str) -> float:
    with suppress(ValueError):
        if isfinite(seconds := float(text)) and seconds > 0:
            return seconds
    raise ArgumentTypeError(f"{text!r} is not a number of seconds")


def run(args: Namespace) -> int:
    from hatlab.commands.support.lifecycle import ending_on_signals

    to_stdout = args.file is None or str(args.file) == "-"
    if to_stdout and sys.stdout.isatty():
        raise UserError(
            "a capture is nothing that a terminal could show",
            "pipe it into Wireshark: hatlab capture | wireshark -k -i -, or write a file: -w FILE",
        )
    if to_stdout and args.json:
        raise refuse_on_stdout("the capture")
    if not to_stdout:
        _check_file(args.file, force=args.force)
    with ending_on_signals():
        try:
            return _capture(args, to_stdout=to_stdout)
        except KeyboardInterrupt as interrupt:
            return getattr(interrupt, "exit_code", 0)


def _check_file(path: Path, *, force: bool) -> None:
    """Find out what keeps a file from being written, before a lab is looked for.

    Raises:
        UserError: it is a folder, or exists and is not to be replaced.
        LabError: it cannot be reached.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_writable(path, error) from None
    if stat.S_ISDIR(mode):
        raise UserError(f"{path} is a folder", "name a file with -w FILE")
    if stat.S_ISREG(mode) and not force:
        raise UserError(f"{path} exists", "use --force to replace it, or give another name")


def _not_writable(path: Path, error: OSError) -> LabError:
    return LabError(
        f"cannot write {path}: {error.strerror}", "check that there is space, and that you may write there"
    )


def _capture(args: Namespace, *, to_stdout: bool) -> int:
    """Capture until it is over; return the exit code.

    Raises:
        LabError: the lab's process died, or the file cannot be written.
        UserError: no such lab or node, or the filter is none.
        BrokenPipeError: nobody reads the capture any more.
    """
    from hatlab import events as e
    from hatlab.capture_files.frame_filter import parse_filter
    from hatlab.commands.support.live_capture import KINDS, FrameFeed, LiveCapture
    from hatlab.commands.support.output import print_note
    from hatlab.control import send_request
    from hatlab.state.model import layout_of
    from hatlab.util.addresses import is_ipv6
    from hatlab.util.text import join_names

    began_ns = time.time_ns() - time.process_time_ns()  # of this process, or a little later
    lab, origin = _choose_lab(args)
    replies = send_request(lab.path, {"ask": "events", "kinds": KINDS, "from": origin})
    first = next(replies)
    if args.wait and origin == "now" and first["began_ns"] > began_ns:  # it was faster than this command
        replies = send_request(lab.path, {"ask": "events", "kinds": KINDS, "from": "start"})
        first = next(replies)
    event = e.from_dict(first["event"])
    assert isinstance(event, e.Lab)
    layout = layout_of(event)
    nodes = _choose_nodes(args.nodes, layout)
    passes = parse_filter(args.filter, _addresses_by_node(layout))
    if "vrrp" in args.filter and any(is_ipv6(address) for address in layout.vip_addresses):
        print_note("vrrp is VRRP over IPv4 alone, as with tcpdump; proto 112 is that over IPv6, too")
    feed = FrameFeed(replies, lambda frame: frame.event.node in nodes and passes(frame.data))
    where = f"{event.name} on {event.engine}, lab {lab.id}"
    print_note(f"capturing on {join_names(nodes)} of {where}; press Ctrl+C to end it")
    with _output(args.file, to_stdout=to_stdout) as out:
        capture = LiveCapture(out, event, first["began_ns"], feed, args.count)
        try:
            return _write_frames(capture, feed, args, to_stdout=to_stdout)
        finally:
            _tell_result(capture, feed, nodes, args)


def _write_frames(capture: LiveCapture, feed: FrameFeed, args: Namespace, *, to_stdout: bool) -> int:
    from hatlab.commands.support.pipe_guard import (
        PipeGuard,
        check_stdout,
        drop_what_nobody_reads,
        stdout_takes_no_more,
    )

    until = time.monotonic() + args.duration
    guard = PipeGuard(lambda: feed.ended)
    code = 0
    with guard.watching() if to_stdout else nullcontext(), guard.writing():
        try:
            capture.run(until, check_stdout if to_stdout else lambda: None)
        except KeyboardInterrupt as interrupt:
            code = getattr(interrupt, "exit_code", 0)
        if to_stdout and stdout_takes_no_more():
            drop_what_nobody_reads()
        else:
            capture.finish()
    if feed.error is not None:
        raise feed.error
    return code


def _choose_lab(args: Namespace) -> tuple[RunningLab, str]:
    """Return the lab, and from when on it is captured: `now`, or `start` if it was waited for."""
    from hatlab.commands.support.output import print_note
    from hatlab.control import find_lab, list_running_labs
    from hatlab.util.paths import sockets_dir

    folder, origin = sockets_dir(), "now"
    while args.wait and not any(lab.is_named(args.lab) for lab in list_running_labs(folder)):
        if origin == "now":
            print_note("waiting for a lab to start; press Ctrl+C to give up")
            origin = "start"
        time.sleep(_LOOK)
    return find_lab(folder, args.lab), origin


def _choose_nodes(names: list[str], layout: Layout) -> list[str]:
    for name in names:
        if name not in layout.node_names:
            raise UserError(f"the lab has no node {name!r}", f"use one of: {', '.join(layout.node_names)}")
    return names or list(layout.node_names)


def _addresses_by_node(layout: Layout) -> dict[str, list[str]]:
    """Return what a filter may call the nodes' addresses: name → addresses on all networks."""
    return {
        name: [
            address
            for network in layout.networks_of(name)
            for address in (*layout.own_addresses(name, network), layout.link_local(name, network))
        ]
        for name in (*layout.node_names, *layout.client_names)
    }


@contextmanager
def _output(path: Path | None, *, to_stdout: bool) -> Iterator[IO[bytes]]:
    """Give what the capture is written to.

    Raises:
        LabError: it cannot be written.
        BrokenPipeError: nobody reads it any more.
    """
    from hatlab.util.files import open_output

    if to_stdout or path is None:
        yield sys.stdout.buffer
        return
    try:
        with open_output(path, 0o600) as out:
            yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _not_writable(path, error) from None


def _tell_result(capture: LiveCapture, feed: FrameFeed, nodes: list[str], args: Namespace) -> None:
    from hatlab.commands.support.output import print_note
    from hatlab.util.text import plural

    dropped = sum(feed.dropped.values())
    if args.json:
        counts = {"frames": capture.count, "dropped": dropped, "missed": feed.missed}
        print_json({"file": str(args.file), "nodes": nodes, **counts})
        return
    print_note(plural(capture.count, "{count} frame captured", "{count} frames captured"))
    if dropped:
        print_note(
            plural(
                dropped,
                "{count} frame dropped: the reader was too slow",
                "{count} frames dropped: the reader was too slow",
            )
        )
    if feed.missed:
        print_note(
            plural(
                feed.missed,
                "{count} event missed: the lab had forgotten it",
                "{count} events missed: the lab had forgotten them",
            )
        )
