"""Programs that run others: timeout, env, nohup, nice, setsid, flock, time."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from hatlab.engine.simulator.programs.context import Context, Pause, Run, fail

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> float | None:
    """Return the seconds of `5`, `0.5s`, `2m`; None for something else."""
    match = re.fullmatch(r"(\d{0,9}(?:\.\d{1,9})?)([smhd]?)", text)
    return float(match[1]) * _UNITS[match[2]] if match and match[1] not in {"", "."} else None


def timeout(ctx: Context) -> Run:
    """timeout [-k N] [-s SIGNAL] SECONDS PROGRAM…: exit 124 if it was not through by then."""
    words = ctx.argv[1:]
    status = 124
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in {"-k", "-s", "--signal", "--kill-after"} and words:
            value = words.pop(0)
            status = (
                137
                if word in {"-s", "--signal"} and value.upper().removeprefix("SIG") in {"9", "KILL"}
                else status
            )
        elif word in {"-s9", "-sKILL", "--signal=KILL", "--signal=9"}:
            status = 137
    seconds = parse_duration(words[0]) if words else None
    if seconds is None or len(words) < 2:
        why = f"invalid time interval ‘{words[0]}’" if words else "missing operand"
        return (yield from fail(125, f"timeout: {why}", "Try 'timeout --help' for more information."))
    limit = ctx.now + seconds if seconds else 10.0**9
    run = ctx.launch(words[1:], ctx)
    answer: str | None = None
    while True:
        try:
            item = run.send(answer) if answer is not None else next(run)
        except StopIteration as end:
            return int(end.value or 0)
        answer = None
        if isinstance(item, str):
            yield item
            continue
        if item is None or isinstance(item, Pause):
            until = limit if item is None else min(limit, item.until)
            yield None if item is None else Pause(until)
        else:
            answer = yield item
        if ctx.now >= limit:
            with suppress(RuntimeError):
                run.close()
            return status


def env(ctx: Context) -> Run:
    """env [-i] [NAME=VALUE…] [PROGRAM…]."""
    words, variables = ctx.argv[1:], dict(ctx.variables)
    while words and (words[0].startswith("-") or "=" in words[0]):
        word = words.pop(0)
        if "=" in word and not word.startswith("-"):
            name, _, value = word.partition("=")
            variables[name] = value
        elif word == "-i":
            variables = {}
        elif word in {"-u", "-S"} and words:
            variables.pop(words.pop(0), None)
    if words:
        return (yield from ctx.launch(words, replace(ctx, variables=variables)))
    yield from (f"{name}={value}" for name, value in variables.items())
    return 0


def run_other(ctx: Context) -> Run:
    """nohup, nice, ionice, setsid, stdbuf, time: as if they were not there."""
    words = ctx.argv[1:]
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in {"-n", "-c", "-w"} and words:
            words.pop(0)
    if not words:
        return (yield from fail(125, f"{ctx.argv[0]}: missing operand"))
    return (yield from ctx.launch(words, ctx))


def flock(ctx: Context) -> Run:
    """flock [-n] FILE PROGRAM…: nobody else holds a lock here."""
    words = [word for word in ctx.argv[1:] if word not in {"-n", "-x", "-e", "-s", "--nonblock"}]
    if words[:1] == ["-w"]:
        words = words[2:]
    if len(words) < 2:
        return 0
    if words[1] == "-c":
        words = [words[0], "sh", *words[1:]]
    return (yield from ctx.launch(words[1:], ctx))
