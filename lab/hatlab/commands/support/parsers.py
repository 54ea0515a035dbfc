"""The parsers of hatlab's commands: one source of `--help`, of completion and of the manual page."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn, cast

from hatlab.commands import COMMANDS, module_name
from hatlab.errors import UserError
from hatlab.settings.table import CONFIG_OPTION, SETTINGS


class Parser(ArgumentParser):
    """An argument parser whose mistakes are UserErrors, and whose help ends with examples."""

    def __init__(self, name: str, summary: str, example: str) -> None:
        super().__init__(
            prog=f"hatlab {name}",
            description=summary,
            epilog="example:\n" + "".join(f"  {line}\n" for line in example.strip().splitlines()),
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.make_list: Callable[[], str] | None = None
        """Makes what stands before the examples, when the help is shown."""
        self.add_argument(
            CONFIG_OPTION, metavar="FILE", help="settings to use instead of your own (see hatlab config)"
        )

    @property
    def ending(self) -> str:
        """What stands behind the options: a list, if there is one, and the examples."""
        return (f"{self.make_list()}\n\n" if self.make_list else "") + (self.epilog or "")

    def format_help(self) -> str:
        from shutil import get_terminal_size

        from hatlab.util.text import fill_paragraphs, two_columns

        width = get_terminal_size().columns - 2
        self.description = fill_paragraphs(self.description or "", width)
        examples = self.epilog
        self.epilog = "\n".join(two_columns(line, width) for line in self.ending.splitlines())
        with self._extensions_named():
            text = super().format_help()
        self.epilog = examples
        return text

    @contextmanager
    def _extensions_named(self) -> Iterator[None]:
        """Meanwhile options tell the names of extensions that they take; only help looks for those."""
        before = {}
        for setting in SETTINGS:
            option = self._option_string_actions.get(setting.flag) if setting.adds else None
            if option is not None and (names := setting.all_choices[len(setting.choices) :]):
                before[option] = option.help
                option.help = f"{option.help}; from extensions: {', '.join(names)}"
        try:
            yield
        finally:
            for option, text in before.items():
                option.help = text

    def parse(self, words: Sequence[str]) -> Namespace:
        """Parse a command's words, wherever its options stand among them.

        Argparse gives an optional word that may follow another its default as soon as an option comes.
        """
        named = [action for action in self._actions if not action.option_strings]
        is_mixed = len(named) > 1 and named[-1].nargs == "?"
        return self.parse_intermixed_args(words) if is_mixed else self.parse_args(words)

    def error(self, message: str) -> NoReturn:
        from difflib import get_close_matches

        option = next((word for word in message.split() if word.startswith("-")), "")
        guesses = (
            get_close_matches(option, self._option_string_actions, 1, 0.7)
            if "unrecognized" in message
            else []
        )
        hint = f"did you mean {guesses[0]}? " if guesses else ""
        raise UserError(f"{self.prog}: {message}", f"{hint}{self.prog} --help lists its options")


def command_module(name: str) -> ModuleType:
    """Import the module of a command."""
    return import_module(f"hatlab.commands.{module_name(name)}")


def command_parser(name: str) -> Parser:
    """Return the parser of a command."""
    module = command_module(name)
    parser = Parser(name, module.__doc__ or COMMANDS[name], module.EXAMPLE)
    module.configure(parser)
    return parser


def command_tree(parsers: Mapping[str, ArgumentParser]) -> ArgumentParser:
    """Return a parser of `hatlab` itself that knows every command, and the options of those given."""

    def parser_of(prog: str, **_: Any) -> ArgumentParser:
        return parsers.get(prog.rpartition(" ")[2]) or ArgumentParser(prog)

    tree = ArgumentParser("hatlab")
    tree.add_argument("-V", "--version", action="store_true", help="print the version")
    tree.add_argument(
        CONFIG_OPTION, metavar="FILE", dest="config", help="settings to use instead of your own"
    )
    commands = tree.add_subparsers(metavar="COMMAND", parser_class=cast(type[ArgumentParser], parser_of))
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary)
    return tree
