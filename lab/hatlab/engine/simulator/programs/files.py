"""ls, chmod, touch, rm, mkdir, sed, editors, keepalived: what stands on a simulated machine's disk."""

from __future__ import annotations

import re

from hatlab.engine.simulator.keepalived.config_check import check_config
from hatlab.engine.simulator.keepalived.daemon import VERSION
from hatlab.engine.simulator.programs.context import Context, EditRequest, ErrorLine, Run, collect_lines, fail
from hatlab.engine.simulator.programs.filters import (
    compile_pattern,
    open_input,
    split_options,
    translate_pattern,
)
from hatlab.keepalived import select_lines
from hatlab.util.bounded_pattern import BoundedPattern

CONF = "/etc/keepalived/keepalived.conf"


def ls(ctx: Context) -> Run:
    """ls [-l] [-d] [DIRECTORY|FILE…]."""
    options, paths = split_options(ctx.argv[1:])
    status, disk = 0, ctx.host.disk
    for path in paths or ["/root"]:
        entry = disk.find(path)
        if entry is None:
            yield ErrorLine(f"ls: cannot access '{path}': No such file or directory")
            status = 2
            continue
        names = disk.list_names(path) if entry.kind == "folder" and "d" not in options else [path]
        if "a" not in options:
            names = [name for name in names if not name.startswith(".")]
        for name in names:
            yield _long_line(ctx, path, name) if "l" in options or ctx.argv[0] == "ll" else name
    return status


def _long_line(ctx: Context, folder: str, name: str) -> str:
    disk = ctx.host.disk
    entry = disk.find(name if name.startswith("/") else f"{folder}/{name}")
    if entry is None:
        return name
    kind = {"folder": "d", "device": "c"}.get(entry.kind, "-")
    bits = "".join(letter if entry.mode >> 8 - at & 1 else "-" for at, letter in enumerate("rwxrwxrwx"))
    if entry.mode & 0o1000:
        bits = bits[:-1] + ("t" if entry.mode & 1 else "T")
    size = len((disk.read(entry.path) or "").encode())
    return f"{kind}{bits} 1 root root {size:>6} Jan  1 00:00 {name}"


def chmod(ctx: Context) -> Run:
    """chmod MODE FILE…: octal digits, or `+x`, `go-w` and their like."""
    words = [word for word in ctx.argv[1:] if not re.fullmatch(r"-[vRf]", word)]
    if len(words) < 2:
        return (yield from fail(1, "chmod: missing operand"))
    status = 0
    for path in words[1:]:
        entry = ctx.host.disk.find(path)
        mode = _new_mode(words[0], entry.mode) if entry else 0
        if entry is None:
            yield ErrorLine(f"chmod: cannot access '{path}': No such file or directory")
            status = 1
        elif mode is None:
            return (yield from fail(1, f"chmod: invalid mode: ‘{words[0]}’"))
        else:
            ctx.host.disk.set_mode(path, mode)
    return status


def _new_mode(text: str, mode: int) -> int | None:
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    for part in text.split(","):
        match = re.fullmatch(r"([ugoa]*)([-+=])([rwxt]*)", part)
        if match is None:
            return None
        who = match[1].replace("a", "ugo") or "ugo"
        bits = sum({"r": 4, "w": 2, "x": 1}.get(letter, 0) for letter in match[3])
        mask = sum(bits << {"u": 6, "g": 3, "o": 0}[letter] for letter in set(who))
        mask |= 0o1000 if "t" in match[3] else 0
        whole = sum(7 << {"u": 6, "g": 3, "o": 0}[letter] for letter in set(who))
        mode = mode | mask if match[2] == "+" else mode & ~mask if match[2] == "-" else mode & ~whole | mask
    return mode


def touch(ctx: Context) -> Run:
    """touch FILE…"""
    status = 0
    for path in [word for word in ctx.argv[1:] if not word.startswith("-")]:
        if why := ctx.host.disk.write(path, "", append=True):
            yield ErrorLine(f"touch: cannot touch '{path}': {why}")
            status = 1
    return status


def rm(ctx: Context) -> Run:
    """rm [-f] FILE…"""
    options, paths = split_options(ctx.argv[1:])
    status = 0
    for path in paths:
        if not ctx.host.disk.remove(path) and "f" not in options:
            yield ErrorLine(f"rm: cannot remove '{path}': {ctx.host.disk.why_not_readable(path)}")
            status = 1
    return status


def mkdir(ctx: Context) -> Run:
    """mkdir [-p] FOLDER…"""
    options, paths = split_options(ctx.argv[1:], "m")
    status = 0
    for path in paths:
        if ctx.host.disk.find(path) is not None and "p" not in options:
            yield ErrorLine(f"mkdir: cannot create directory ‘{path}’: File exists")
            status = 1
        else:
            ctx.host.disk.make_folders(path.rstrip("/"))
    return status


def copy(ctx: Context) -> Run:
    """cp and mv of one file."""
    _, paths = split_options(ctx.argv[1:])
    if len(paths) != 2:
        return (yield from fail(1, f"{ctx.argv[0]}: missing file operand"))
    disk, (source, target) = ctx.host.disk, paths
    entry, text = disk.find(source), disk.read(source)
    if entry is None or text is None:
        return (yield from fail(1, f"{ctx.argv[0]}: cannot stat '{source}': No such file or directory"))
    there = disk.find(target)
    if there and there.kind == "folder":
        target = f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
    if why := disk.write(target, text):
        return (yield from fail(1, f"{ctx.argv[0]}: cannot create regular file '{target}': {why}"))
    disk.set_mode(target, entry.mode)
    if ctx.argv[0] == "mv":
        disk.remove(source)
    return 0


def run_editor(ctx: Context) -> Run:
    """nano and vi: the person's own editor on a copy, which then takes the file's place."""
    paths = [word for word in ctx.argv[1:] if not word.startswith(("-", "+"))]
    if len(paths) != 1:
        return (yield from ctx.unsupported("but one file"))
    before = ctx.host.disk.read(paths[0])
    text = yield EditRequest(paths[0], before or "")
    if text is None:
        program, host = ctx.argv[0], ctx.host.name
        why = f"hatlab: {program} needs a terminal of its own; without one: sed -i 's/OLD/NEW/' {paths[0]}"
        return (yield from fail(1, why, f"hatlab: or, from outside, hatlab do edit {host} FILE"))
    if why := ctx.host.disk.write(paths[0], text):
        return (yield from fail(1, f"{ctx.argv[0]}: {paths[0]}: {why}"))
    return 0


def sed(ctx: Context) -> Run:
    """sed [-n] [-i] [-E] 's/OLD/NEW/[gIp]' | '[/PATTERN/|N]p|d' [FILE…]."""
    words = ctx.argv[1:]
    flags = {word for word in words if word in {"-i", "-E", "-r", "-n", "-e", "-ne", "-nE", "-i.bak"}}
    words = [word for word in words if word not in flags]
    if not words:
        return (yield from ctx.unsupported("but `sed [-i] 's/OLD/NEW/' [FILE]`"))
    script, paths = words[0], words[1:]
    quiet, extended = bool({"-n", "-ne", "-nE"} & flags), bool({"-E", "-r", "-nE"} & flags)
    edit = _parse_sed(script, extended)
    where = f"sed: -e expression #1, char {len(script)}"
    if edit is None:
        if script[:1] == "s":
            return (yield from fail(1, f"{where}: unterminated `s' command"))
        return (yield from ctx.unsupported("but s/OLD/NEW/, /PATTERN/d and /PATTERN/p"))
    failed: list[str] = []
    if not flags & {"-i", "-i.bak"}:
        for number, line in enumerate((yield from collect_lines(open_input(ctx, paths, failed))), 1):
            yield from edit.apply(str(line), number, quiet)
        return 2 if failed else 0
    for path in paths:
        text = ctx.ask(ctx.host.disk.read, path)
        if text is None:
            return (yield from fail(2, f"sed: can't read {path}: No such file or directory"))
        lines = text.split("\n")
        ended = lines[-1] == ""
        kept = [
            out
            for n, line in enumerate(lines[: -1 if ended else None], 1)
            for out in edit.apply(line, n, quiet)
        ]
        if why := ctx.ask(ctx.host.disk.write, path, "\n".join(kept) + "\n" * ended):
            return (yield from fail(4, f"sed: couldn't open file {path}: {why}"))
    return 0


class _SedCommand:
    """One command of sed: for which lines it is, and what it does to them."""

    def __init__(
        self, address: BoundedPattern | int | None, action: str, old: BoundedPattern | None = None
    ) -> None:
        self.address, self.action, self.old = address, action, old
        self.new, self.flags, self.inverted = "", "", False

    def apply(self, line: str, number: int, quiet: bool) -> list[str]:
        """Return what is printed of a line."""
        chosen = self.address is None or (
            number == self.address if isinstance(self.address, int) else bool(self.address.search(line))
        )
        printed = []
        if chosen != self.inverted:
            match self.action:
                case "d":
                    return []
                case "p":
                    printed = [line]
                case "s" if self.old is not None:
                    line, changed = self.old.subn(self.new, line, count="g" not in self.flags)
                    printed = [line] if changed and "p" in self.flags else []
        return printed if quiet else [line, *printed]


def _parse_sed(script: str, extended: bool) -> _SedCommand | None:
    """Return the command, None for what is not known."""
    match = re.match(r"\s*+(?:/((?:[^/\\]|\\.)*+)/|(\d{1,6}))?\s*+(!?)\s*+([sdp])", script)
    if match is None:
        return None
    try:
        pattern = (
            compile_pattern(translate_pattern(match[1].replace(r"\/", "/"), extended=extended))
            if match[1]
            else None
        )
        address = pattern if match[1] else int(match[2]) if match[2] else None
        command = _SedCommand(address, match[4])
        command.inverted = bool(match[3])
        rest = script[match.end() :]
        if match[4] != "s":
            return command if not rest.strip() else None
        parts = re.split(rf"(?<!\\){re.escape(rest[:1])}", rest[1:]) if rest else []
        if len(parts) != 3 or set(parts[2]) - set("gIp"):
            return None
        old, new, command.flags = parts
        old = translate_pattern(
            old.replace(f"\\{rest[0]}", rest[0]) if rest[0] not in "|.*" else old, extended=extended
        )
        command.new = re.sub(r"(?<!\\)&", r"\\g<0>", new.replace(f"\\{rest[0]}", rest[0])).replace(r"\&", "&")
        command.old = compile_pattern(old, ignore_case="I" in command.flags)
        command.old.subn(command.new, "")
        command.old.subn(command.new, "x")
    except (re.error, IndexError, OverflowError):
        return None
    return command


def keepalived(ctx: Context) -> Run:
    """keepalived -t, --version, or without options: the daemon."""
    if ctx.node is None:
        return (yield from fail(127, "bash: keepalived: command not found"))
    words = [word for word in ctx.argv[1:] if word not in {"-f", CONF}]
    match words:
        case ["-t"] | ["--config-test"]:
            text = select_lines(ctx.node.conf, ctx.node.name)
            problems = check_config(text, [port.device for port in ctx.host.ports.values()])
            return (yield from fail(5 if problems else 0, *problems))
        case ["-v"] | ["--version"]:
            yield VERSION
            return 0
        case []:
            if ctx.node.keepalived.running:
                return (yield from fail(1, "daemon is already running"))
            ctx.node.keepalived.spawn()
            return 0
        case _:
            return (yield from ctx.unsupported("but -t and --version"))
