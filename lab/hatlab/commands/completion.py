"""Print what makes your shell complete hatlab's commands, options, topologies, lessons, nodes and files.

What may follow is asked of hatlab itself when you press Tab, so it fits your version, and the running lab.
Whoever installs hatlab with pip for a whole user or machine has it already, where the shell looks for it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from hatlab.commands.support.json_output import add_json_option, print_json

EXAMPLE = """
eval "$(hatlab completion bash)"      in ~/.bashrc
eval "$(hatlab completion zsh)"       in ~/.zshrc, behind compinit
hatlab completion fish > ~/.config/fish/completions/hatlab.fish
"""
SHELLS = ("bash", "zsh", "fish")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="your shell")
    add_json_option(parser, "print one JSON object with the script's text")


def run(args: Namespace) -> int:
    text = completion_script(args.shell)
    if args.json:
        print_json({"shell": args.shell, "text": text})
    else:
        sys.stdout.write(text)
    return 0


def completion_script(shell: str) -> str:
    """Return what a shell reads to complete hatlab."""
    from argcomplete.shell_integration import shellcode

    # without bash's own completion of files, which would offer any file where only a node may stand
    script: str = shellcode(["hatlab"], shell=shell, complete_arguments=["-o", "nospace"])
    return f"{script.strip()}\n"
