"""How a check comes to its exit status (KA130 to KA134)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import finding
from hatlab.keepalived.diagnose.scripts.commands import Command as CheckCommand
from hatlab.keepalived.diagnose.scripts.exit_status import LETS_THROUGH, can_fail
from hatlab.keepalived.diagnose.scripts.shell_tree import (
    all_commands,
    all_pipelines,
    arguments,
    command_text,
    conditions,
    pipelines,
    program_name,
    scripts,
)
from hatlab.shell.syntax import Command, Pipeline, Script

_ENDS_KEEPALIVED = re.compile(
    r"\b(killall|pkill)\s++(-\S++\s++)*+keepalived|\b(systemctl|service|rc-service)\s++.{0,500}?\bkeepalived|"
    r"\bkeepalived\s++stop|\bkill\s[^\n]{0,500}?keepalived[\w./-]{0,100}pid"
)
_STARTS_KEEPALIVED = re.compile(r"(re)?start\b.{0,500}?keepalived|keepalived\s+(re)?start")
_LEAVES_KEEPALIVED = re.compile(r"\b(killall|pkill|kill)\s+(-0|-s\s*0)\b|\b(is-active|status|reload)\b")
_RESTARTS_KEEPALIVED = re.compile(r"\brestart\b[^\n;|&]*\bkeepalived\b|\bkeepalived\s+restart\b")
_STARTS = re.compile(r"\b(?:systemctl|service|rc-service)\s.*\b(?:re)?start\b|/init\.d/\S+\s+(?:re)?start\b")
_COUNTS_FROM_TWO = re.compile(r"-(?:lt|ge)\s+[\"']?2\b|-(?:le|gt|eq)\s+[\"']?1\b|[<>=]=?\s*[\"']?[12]\b")
_PS_WITH_ARGUMENTS = re.compile(r"ps\s+(?:-?\w*[afuxl]|-o\s*\S*(?:args|cmd|command))")


def verdict_rules(command: CheckCommand, script: Script) -> Iterator[Finding]:
    """Find what is wrong with the verdict of a check."""
    at, called, text = command.statement, command.called, command.plain_text
    if script.commands and not can_fail(script) and not ends_keepalived(command.local_text):
        yield finding("KA130", at, f"{called} can never end with a failure", word=1)
    elif lost := next(_lost_statuses(script), ""):
        yield finding("KA132", at, f"{called} uses the status of `{lost}`, which never fails", word=1)
    if not _COUNTS_FROM_TWO.search(text) and (message := _finds_itself(command, script)):
        yield finding("KA133", at, message, word=1)
    started = (command_text(each) for each in all_commands(script))
    for start in (line for line in started if _STARTS.search(line) and "keepalived" not in line):
        yield finding("KA134", at, f"{called} is a check, but it starts the service: `{start[:50]}`", word=1)
        break


def ends_keepalived(text: str) -> bool:
    """True if a script ends keepalived on its node, and starts it no more."""
    lines = [line for line in text.split("\n") if _ENDS_KEEPALIVED.search(line)]
    lines = [line for line in lines if not _LEAVES_KEEPALIVED.search(line)]
    return bool(lines) and not _STARTS_KEEPALIVED.search(text)


def restarts_keepalived(text: str) -> bool:
    """True if a script that keepalived runs begins keepalived anew."""
    return bool(_RESTARTS_KEEPALIVED.search(text))


def _lost_statuses(script: Script) -> Iterator[str]:
    """The last commands of pipelines whose status counts though it says nothing."""
    if any(re.search("pipefail|PIPESTATUS", command_text(command)) for command in all_commands(script)):
        return
    for level in scripts(script):
        for this, following in pairwise(pipelines(level)):
            tested = [*following.commands, *_first_tested(following)]
            if following.when or any("$?" in command_text(command) for command in tested):
                yield from _always_succeeds(this)
        for pipeline in pipelines(level):
            for condition in (c for command in pipeline.commands for c in conditions(command)):
                yield from (name for last in [*pipelines(condition)][-1:] for name in _always_succeeds(last))


def _first_tested(pipeline: Pipeline) -> Iterator[Command]:
    """The commands in the first condition of a pipeline's `if`."""
    for command in pipeline.commands:
        for condition in conditions(command)[:1]:
            for first in [*pipelines(condition)][:1]:
                yield from first.commands


def _always_succeeds(pipeline: Pipeline) -> Iterator[str]:
    if len(pipeline.commands) > 1 and program_name(pipeline.commands[-1]) in LETS_THROUGH:
        yield program_name(pipeline.commands[-1])


def _finds_itself(check: CheckCommand, script: Script) -> str:
    """How a search in the list of processes finds the search or the check itself; empty if it does not."""
    name = check.script_path.rpartition("/")[2]
    for pipeline in all_pipelines(script):
        first, *rest = pipeline.commands
        if program_name(first) == "pgrep" and (pattern := _found_by_name(arguments(first), name)):
            return f"`{pattern[:30]}` is part of its own command line, `{name[:40]}`, which pgrep -f finds"
        if program_name(first) != "ps" or re.search(r"\s-\w*C\b", command_text(first)):
            continue
        greps = [arguments(c) for c in rest if program_name(c) in {"grep", "egrep"}]
        excluded = [word for words in greps if _excludes(words) for word in words]
        wanted = (word for words in greps if not _excludes(words) for word in words if word[:1] != "-")
        pattern = next(wanted, "")
        if not pattern or "[" in pattern or "$" in pattern:
            continue
        shows_arguments = _PS_WITH_ARGUMENTS.search(command_text(first))
        if shows_arguments and not any("grep" in word or word == pattern for word in excluded):
            return f"`{pattern[:30]}` is among the words of its own grep, which is always in the list"
        if pattern in name and not any("$" in word or (word and word in name) for word in excluded):
            return f"`{pattern[:30]}` is part of its own name, `{name[:40]}`, which is always in the list"
    return ""


def _found_by_name(words: list[str], name: str) -> str:
    """The pattern of a `pgrep -f` that a script's own name has in it; empty if there is none."""
    whole_lines = any(word.startswith("-") and "f" in word and not word.startswith("--") for word in words)
    pattern = next((word for word in reversed(words) if not word.startswith("-")), "")
    return pattern if whole_lines and pattern and pattern in name else ""


def _excludes(words: list[str]) -> bool:
    """True for `grep -v`."""
    return any(word.startswith("-") and "v" in word and not word.startswith("--") for word in words)
