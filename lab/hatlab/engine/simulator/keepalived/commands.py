"""The programs that a configuration names, as keepalived takes them: who runs them, and which it drops.

A `vrrp_script` that has no user, cannot be accessed or could be changed by others is removed with a line in
the log, and the instance goes on as if it did not track it (vrrp_parser.c, notify.c: check_script_secure).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hatlab.engine.simulator.disk import LINKS, Disk, Entry
from hatlab.engine.simulator.keepalived.config_check import CONF
from hatlab.keepalived import Statement, parse_config
from hatlab.keepalived.command_line import split_command

DEFAULT_USER = "keepalived_script"
ROOT = "root"
USERS = frozenset(
    {
        *("_apt", "backup", "bin", "daemon", "games", "irc", "list", "lp", "mail", "man", "mysql", "news"),
        *("nobody", "proxy", "root", "sync", "sys", "systemd-network", "tcpdump", "uucp", "www-data"),
    }
)
"""Users of the node image."""
_INSECURE = "SECURITY VIOLATION - scripts are being executed but script_security not enabled."
NOTIFY_KEYWORDS = (
    *("notify_backup", "notify_master", "notify_fault", "notify_stop", "notify_deleted", "notify"),
    "notify_master_rx_lower_pri",
)
"""In the order in which they are checked."""


@dataclass(frozen=True, slots=True)
class ScriptCommand:
    """A program with its arguments."""

    words: tuple[str, ...]
    user: str = ROOT
    by_shell: bool = False
    """It begins with `<` and is handed to system(), that is to sh."""

    @property
    def shell_line(self) -> str:
        """What system() gets: each word in quotes, but for a first one that is a redirection."""
        return " ".join(
            word if not number and word[:1] in {"<", ">"} else f"'{word}'"
            for number, word in enumerate(self.words)
        )


@dataclass(slots=True)
class Commands:
    """All programs of a configuration."""

    checks: dict[str, ScriptCommand] = field(default_factory=dict)
    """vrrp_script → its program."""
    notify: dict[tuple[str, str, str], ScriptCommand] = field(default_factory=dict)
    """(block, its name, keyword) → the program."""
    removed: dict[str, str] = field(default_factory=dict)
    """vrrp_script → the line with which the daemon dropped it."""
    lines: list[str] = field(default_factory=list)
    """What the daemon logs of them, in its order."""
    text: str = ""
    """The configuration without the scripts that were dropped."""


def read_commands(text: str, disk: Disk) -> Commands:
    """Return the programs of a configuration as a daemon on a machine with this disk takes them."""
    return _Reader(text, disk).read()


class _Reader:
    """Reads a file as the daemon does, once through, and then checks its programs."""

    def __init__(self, text: str, disk: Disk) -> None:
        self.disk = disk
        self.root = parse_config(text)
        self.result = Commands(text=text)
        self.default_user: str | None = None
        """None before anybody asked for it; empty if there is none."""
        self.security = any(
            s.keyword == "enable_script_security" for b in self.root.all("global_defs") for s in b.body or ()
        )

    def read(self) -> Commands:
        blocks: dict[str, Statement] = {}
        tracking: list[Statement] = []
        for block in self.root.body or ():
            match block.keyword:
                case "global_defs":
                    self._read_globals(block)
                case "vrrp_script" if block.value() and block.value() not in blocks:
                    blocks[block.value()] = block
                    self._read_check(block)
                case "vrrp_instance" | "vrrp_sync_group" if block.value():
                    self._read_tracks(block, blocks)
                    self._read_notify(block)
                    tracking.append(block)
        self._check_all(tracking)
        for name in self.result.removed:
            self.result.text = _blanked(self.result.text, blocks[name])
        return self.result

    def _log(self, text: str) -> None:
        self.result.lines.append(text)

    def _log_at(self, line: int, text: str) -> str:
        told = f"({CONF}: Line {line}) {text}"
        self._log(told)
        return told

    # -- who runs them

    def _read_globals(self, block: Statement) -> None:
        for statement in block.all("script_user"):
            self.default_user = self._known_user(statement.value(), statement.value(2))
            if not self.default_user:
                self._log(f"(Line {statement.line}) Error setting global script uid/gid")

    def _known_user(self, name: str, group: str = "") -> str:
        """Return a user that exists, else an empty string."""
        if name not in USERS:
            self._log(f"Script user '{name}' does not exist")
            return ""
        if group and group not in USERS:
            self._log(f"Script group '{group}' does not exist")
            return ""
        return name

    def _find_default_user(self, line: int | None) -> str:
        """Return who runs what names nobody; empty if that user does not exist (get_default_script_user)."""
        if self.default_user is None:
            found = self._known_user(DEFAULT_USER)
            self.default_user = found or ("" if self.security else ROOT)
            if not self.default_user and line is not None:
                self._log_at(line, f"Unable to set default user {DEFAULT_USER} for script")
        return self.default_user

    # -- what the file says

    def _read_check(self, block: Statement) -> None:
        name, script, end = block.value(), block.last("script"), self._end_line(block)
        words = split_command(script.text).words if script else ()
        user = ""
        if statement := block.last("user"):
            user = self._known_user(statement.value(), statement.value(2))
            if not user:
                quoted = ScriptCommand(words).shell_line
                why = self._log_at(statement.line, f"Unable to set uid/gid for script {quoted}")
                self.result.removed[name] = why
                return
        if not words:
            why = self._log_at(end, f"No script set for vrrp_script {name} - removing")
            self.result.removed[name] = why
            return
        user = user or self._find_default_user(end)
        if not user:
            why = self._log_at(end, f"Unable to set default user for vrrp script {name} - removing")
            self.result.removed[name] = why
            return
        self.result.checks[name] = ScriptCommand(words, user)

    def _end_line(self, block: Statement) -> int:
        return self.result.text.count("\n", 0, max(block.close, 0)) + 1 if block.close >= 0 else block.line

    def _read_tracks(self, block: Statement, blocks: Mapping[str, Statement]) -> None:
        for tracks in block.all("track_script"):
            for entry in tracks.body or ():
                if entry.keyword in self.result.removed or entry.keyword not in blocks:
                    message = f"({block.value()}) track script {entry.keyword} not found, ignoring..."
                    self._log_at(entry.line, message)

    def _read_notify(self, block: Statement) -> None:
        for statement in block.body or ():
            if statement.keyword not in NOTIFY_KEYWORDS:
                continue
            line = split_command(statement.text)
            if not line.words:
                continue
            if line.behind:
                user = self._known_user(line.behind[0], (*line.behind, "")[1])
                failure = f"Invalid user/group for notify script {line.words[0]} - ignoring"
            else:
                user = self._find_default_user(None)
                failure = f"Failed to set default user for notify script {line.words[0]} - ignoring"
            if not user:
                self._log(failure)
                continue
            key = (block.keyword, block.value(), statement.keyword)
            self.result.notify[key] = ScriptCommand(line.words, user)

    # -- what may run

    def _check_all(self, tracking: list[Statement]) -> None:
        """Check every program (check_vrrp_script_security)."""
        if not any(block.keyword == "vrrp_instance" for block in tracking):
            return
        runs = insecure = False
        for name, command in list(self.result.checks.items()):
            check = _SecurityCheck(self.disk, command, self.security)
            self.result.lines += check.lines
            runs, insecure = runs or check.is_script, insecure or check.insecure
            if check.inhibited:
                self._log(f"Disabling track script {name} due to insecure")
            elif check.missing:
                self._log(f"Disabling track script {name} since not found/accessible")
            elif check.executable:
                self.result.checks[name] = check.command
                continue
            del self.result.checks[name]
            self.result.removed[name] = self.result.lines[-1]
        for key in self._notify_order(tracking):
            check = _SecurityCheck(self.disk, self.result.notify[key], self.security)
            self.result.lines += check.lines
            runs, insecure = runs or check.is_script, insecure or check.insecure
            if check.inhibited or check.missing or not check.executable:
                del self.result.notify[key]
            else:
                self.result.notify[key] = check.command
        if runs and not self.security:
            self._log(_INSECURE + (" There are insecure scripts." if insecure else ""))

    def _notify_order(self, tracking: list[Statement]) -> Iterator[tuple[str, str, str]]:
        for kind in ("vrrp_instance", "vrrp_sync_group"):
            for block in (b for b in tracking if b.keyword == kind):
                keys = ((kind, block.value(), keyword) for keyword in NOTIFY_KEYWORDS)
                yield from (key for key in keys if key in self.result.notify)


class _SecurityCheck:
    """What keepalived finds of one program (check_script_secure)."""

    def __init__(self, disk: Disk, command: ScriptCommand, security: bool) -> None:
        self.disk, self.command, self.security = disk, command, security
        self.lines: list[str] = []
        self.inhibited = self.missing = self.executable = self.insecure = self.is_script = False
        path = command.words[0]
        if path[:1] == "<" and path[1:].lstrip(" \t")[:1] == "/":
            self.executable = True
            self.command = ScriptCommand(command.words, command.user, by_shell=True)
            return
        if "/" not in path:
            found = disk.search_program(path)
            if found is None:
                self.lines.append(f"Cannot find script {path} in path - disabling")
                self.missing = True
                return
            hint = "Please specify full path."
            self.lines.append(f"WARNING - script `{path}` resolved by path search to `{found}`. {hint}")
            path = found
        entry = disk.find(path) if path.startswith("/") else None
        if entry is None or (command.user != ROOT and path.startswith("/root/")):
            why = "No such file or directory" if entry is None else "Permission denied"
            self.lines.append(f"Script {path} cannot be accessed - {why}")
            self.missing = True
            return
        self.command = ScriptCommand((path, *command.words[1:]), command.user)
        self._check_entry(entry, path)

    def _check_entry(self, entry: Entry, path: str) -> None:
        self.is_script = True
        own = 0o111 if self.command.user == ROOT else 0o001
        self.executable = bool(entry.mode & own)
        if not self.executable:
            number = 0 if self.command.user == ROOT else 101
            who = f"uid:gid {number}:{number}"
            self.lines.append(f"WARNING - script '{path}' is not executable for {who} - disabling.")
        elif self.command.user == ROOT:
            self._check_path(path)
            if not self.inhibited and entry.path != path:
                self._check_path(entry.path)

    def _check_path(self, path: str) -> None:
        """Make sure that nobody else could change it, or a folder that it is in (check_security)."""
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth]) or "/"
            entry = self.disk.find(folder)
            if folder in LINKS or entry is None or entry.kind != "folder":
                self.lines.append(f"Wrong file type found in script path '{path}'.")
                self.inhibited = True
                return
            if entry.mode & 0o002 and not entry.mode & 0o1000:
                self._note_unsafe(path)
                return
        entry = self.disk.find(path)
        if entry is not None and entry.kind == "folder":
            self.lines.append(f"Wrong file type found in script path '{path}'.")
            self.inhibited = True
        elif entry is not None and path not in LINKS and entry.mode & 0o002:
            self._note_unsafe(path)

    def _note_unsafe(self, path: str) -> None:
        self.insecure = True
        self.inhibited = self.security
        ending = " - disabling" if self.security else ""
        self.lines.append(f"Unsafe permissions found for script '{path}'{ending}.")


def _blanked(text: str, block: Statement) -> str:
    """Return a text with blanks in the place of a block, its lines kept."""
    start = block.words[0].start
    end = block.close + 1 if block.close >= 0 else len(text)
    return text[:start] + "".join("\n" if letter == "\n" else " " for letter in text[start:end]) + text[end:]
