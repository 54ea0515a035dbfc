"""The command `hatlab`: finds the command that is asked for, runs it, turns every failure into a sentence.

Built on argparse: it imports in 8 ms, is in the standard library, and a command's own module (and all that
it drags in) is imported only when that command is run, so `hatlab --help` answers at once.

Exit codes: 0 fine, 1 a lab or a check failed, 2 the user's mistake, 128 + n ended by signal n. No traceback
reaches the user: an unexpected one is written to a file, which the message names.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress

from hatlab import __version__
from hatlab.commands import COMMANDS, Ended
from hatlab.commands.support.json_output import json_output, wants_json, write_json_error
from hatlab.commands.support.open_settings import apply_settings, open_settings, take_config_option
from hatlab.commands.support.output import print_note
from hatlab.commands.support.parsers import command_module, command_parser
from hatlab.commands.support.pipe_guard import drop_what_nobody_reads
from hatlab.errors import LabError, UserError
from hatlab.registry import tell_problems_to
from hatlab.util.glyphs import ASCII_FORMS
from hatlab.util.kiosk import KIOSK_VARIABLE
from hatlab.util.terminal import replace_glyphs, visible_output, wants_ascii
from hatlab.util.visible import JSON_ESCAPES

COMPLETION_VARIABLE = "_ARGCOMPLETE"
"""The environment variable with which a shell asks what the word under the cursor may become."""
_INTRO = """\
usage: hatlab COMMAND ...

An interactive teaching lab for high availability in the terminal: MySQL, keepalived and VRRP, live.

commands:
"""
_OUTRO = """
For help on a command, with examples: hatlab COMMAND --help
For the documentation: hatlab help

example:
  hatlab start                 start a lab in this terminal: two MySQL servers and a virtual IP
  hatlab do kill mysqld db1    break it, from another terminal

Your settings: hatlab config. With --config FILE, hatlab uses those of another file.
"""


def help_text() -> str:
    """Return what `hatlab --help` prints."""
    width = max(map(len, COMMANDS)) + 2
    commands = "".join(f"  {name:<{width}}{summary}\n" for name, summary in COMMANDS.items())
    return _INTRO + commands + _OUTRO


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        LabError: it failed; the message is for the user.
        SystemExit: after `--help` of a command.
    """
    if not argv or argv[0] in {"-h", "--help"}:
        sys.stdout.write(help_text())
        return 0
    if argv[0] in {"-V", "--version"}:
        sys.stdout.write(f"hatlab {__version__}\n")
        return 0
    name, *rest = argv
    if name not in COMMANDS:
        raise UserError(f"there is no command {name!r}", _suggest_command(name))
    args = command_parser(name).parse(rest)
    apply_settings(args)
    code: int = command_module(name).run(args)
    return code


def _suggest_command(name: str) -> str:
    from difflib import get_close_matches

    guesses = get_close_matches(name, COMMANDS, 1)
    return f"did you mean `hatlab {guesses[0]}`?" if guesses else f"the commands are: {', '.join(COMMANDS)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the console script and return its exit code.

    Raises:
        SystemExit: from argparse, after `--help`; nothing else.
    """
    arguments, config = take_config_option(sys.argv[1:] if argv is None else argv)
    if COMPLETION_VARIABLE in os.environ:
        from hatlab.commands.support.completion import answer_shell

        answer_shell()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would read every package's metadata
    if "--kiosk" in arguments:
        os.environ[KIOSK_VARIABLE] = "1"
    as_json = wants_json(arguments)
    errors = JSON_ESCAPES if as_json else ASCII_FORMS  # a terminal without our glyphs shows their ASCII forms
    only_ascii = wants_ascii(os.environ) and not as_json
    replace_glyphs(sys.stdout, sys.stderr, only_ascii=only_ascii, errors=errors)
    with visible_output(), json_output(_command_of(arguments)) if as_json else nullcontext():
        return _run_to_exit_code(arguments, config)


def _command_of(arguments: Sequence[str]) -> str:
    """Return the command that is asked for, empty if there is none of its name."""
    return arguments[0] if arguments and arguments[0] in COMMANDS else ""


def _run_to_exit_code(arguments: Sequence[str], config: str | None) -> int:
    """Run one command; every failure becomes a sentence on stderr."""
    tell_problems_to(print_note)
    if threading.excepthook is threading.__excepthook__:  # a program's own stays
        threading.excepthook = _report_bug_in_thread
    try:
        open_settings(arguments, config)
        if wants_ascii(os.environ) and not wants_json(arguments):
            replace_glyphs(sys.stdout, sys.stderr, only_ascii=True)
        code = run(arguments)
        sys.stdout.flush()
    except LabError as error:
        code = print_error(error)
    except BrokenPipeError:
        code = 0
        drop_what_nobody_reads()
    except KeyboardInterrupt as interrupt:
        code = interrupt.exit_code if isinstance(interrupt, Ended) else 130
        drop_what_nobody_reads()
    except OSError as error:
        code = _report_full_output(error)
    except Exception as error:  # noqa: BLE001  a traceback must not reach the user
        code = _report_bug(error)
    _close_stdout()
    return code


def print_error(error: LabError) -> int:
    """Write an error and its cure to stderr, as JSON if that is asked for, and return the exit code."""
    hint = f"        {error.hint}\n" if error.hint else ""
    with suppress(OSError):  # nobody can be told
        if write_json_error(error):
            return error.exit_code
        sys.stderr.write(f"hatlab: {error.message}\n{hint}")
    return error.exit_code


def _report_full_output(error: OSError) -> int:
    """Say that stdout takes no more; any other error of this kind is a bug. Return the exit code."""
    if error.filename is not None or error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}:
        return _report_bug(error)
    problem = f"cannot write the output: {error.strerror}"
    return print_error(LabError(problem, "write it to another place, or free some space"))


def _report_bug(error: Exception) -> int:
    """Write the traceback to a file and name that on stderr; return the exit code."""
    import traceback

    from hatlab.util.files import write_text
    from hatlab.util.paths import state_dir

    summary = f"{type(error).__name__}: {error}".splitlines()[0]
    try:
        path = state_dir() / "crash.txt"
        write_text(path, "".join(traceback.format_exception(error)))
        hint = f"this is a bug in hatlab; please report it with {path}"
    except Exception:  # noqa: BLE001  nor must the one of telling it
        hint = "this is a bug in hatlab; please report it"
    return print_error(LabError(f"something unexpected went wrong ({summary})", hint))


def _report_bug_in_thread(args: threading.ExceptHookArgs) -> None:
    """Report what has ended a thread; the command goes on."""
    if isinstance(args.exc_value, Exception):
        _report_bug(args.exc_value)


def _close_stdout() -> None:
    """Flush; a reader that has gone away (`| head`) is no error, nor is it at interpreter exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        from hatlab.util.files import discard_output

        with suppress(OSError, ValueError):
            discard_output(sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
