"""Parses sh and bash scripts into the tree of `hatlab.shell.syntax`."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from hatlab.shell.syntax import (
    AndOr,
    Assignment,
    Case,
    Command,
    CommandOutput,
    Compute,
    Condition,
    CountingFor,
    Dialect,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Text,
    While,
    Word,
    literal,
)
from hatlab.shell.words import MAX_DEPTH, WordReader

MAX_LENGTH = 65_536
"""Characters of a script that are read."""
_PLAIN = re.compile(r"[^\s;&|<>()'\"\\$`]+")
_CLOSERS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
"""Words that no command begins with."""
_LIST_ENDS = frozenset({")", ";;", ";&", ";;&"})
_CONDITION_OPERATORS = ("&&", "||", "(", ")", "<", ">")
_OPERATORS = ("&&", "||", ";;&", ";;", ";&", "|&", ";", "|", "&", "(", ")", "\n")
_REDIRECT_START = re.compile(r"(\d*)(&>>|&>|<<<|<<-|<<|>>|>&|<&|>\||<>|<|>)")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]\s]*\])?(\+?)=")
_ARRAY_OPTION = re.compile(r"-[ag]+|[A-Za-z_]\w*", re.A)
_FUNCTION = re.compile(r"([A-Za-z_][\w:.-]*)[ \t]*\([ \t]*\)")
_FUNCTION_WORD = re.compile(r"function[ \t]+([A-Za-z_][\w:.-]*)[ \t]*(?:\([ \t]*\))?")
_COMMENT = re.compile(r"#[^\n]*")
_BLANKS = re.compile(r"(?:[ \t\r]|\\\n)+")
_TIME = re.compile(r"time(?=[ \t])")


@lru_cache(maxsize=256)
def parse_script(text: str, dialect: Dialect = "bash") -> Script:
    """Parse a script. Never raises: what cannot be read stands in `error`, behind what can."""
    parser = _Parser(text[:MAX_LENGTH], dialect)
    return parser.parse_whole()


class _Parser(WordReader):
    """A recursive descent over a script's text."""

    def __init__(self, text: str, dialect: Dialect, depth: int = 0, first_line: int = 1) -> None:
        super().__init__(text, dialect, depth, first_line)
        self.parse_nested = self._parse_nested
        self._after_here_documents = 0
        """Where the text goes on behind the here-documents of this line; 0 without any."""

    def parse_whole(self) -> Script:
        """Parse the whole text, as far as it can be read."""
        commands: list[AndOr] = []
        try:
            while not self._at_end(skip_newlines=True):
                commands.append(self._parse_and_or())
                self._end_command()
        except ShellSyntaxError as error:
            return Script(tuple(commands), error)
        return Script(tuple(commands))

    def _parse_nested(self, text: str | None) -> Script:
        """Parse up to the `)` that closes `$(`, or a text of its own."""
        if text is None:
            return self._parse_list()
        inner = _Parser(text, self.dialect, self.depth + 1, self.line)
        if inner.depth > MAX_DEPTH:
            raise ShellSyntaxError("(", self.line)
        script = inner.parse_whole()
        if script.error:
            raise script.error
        return script

    # -- what stands at a position

    def _skip_blanks(self) -> None:
        while True:
            if match := _BLANKS.match(self.text, self.at):
                self.at = match.end()
            if self.text[self.at : self.at + 1] != "#":
                return
            comment = _COMMENT.match(self.text, self.at)
            assert comment is not None
            self.at = comment.end()

    def _skip_newlines(self) -> None:
        self._skip_blanks()
        while self.text[self.at : self.at + 1] == "\n":
            self._take_newline()
            self._skip_blanks()

    def _take_newline(self) -> None:
        self.at += 1
        if self._after_here_documents:
            self.at, self._after_here_documents = self._after_here_documents, 0

    def _at_end(self, *, skip_newlines: bool = False) -> bool:
        if skip_newlines:
            self._skip_newlines()
        return self.at >= len(self.text)

    def _peek_operator(self) -> str:
        self._skip_blanks()
        if self.text.startswith("&>", self.at) and self.dialect == "bash":
            return ""
        return next((o for o in _OPERATORS if self.text.startswith(o, self.at)), "")

    def _peek_word(self) -> str:
        """Return the plain word here, empty if there is none."""
        self._skip_blanks()
        match = _PLAIN.match(self.text, self.at)
        following = self.text[match.end() : match.end() + 1] if match else ""
        return match[0] if match and (not following or following in " \t\r\n;&|<>()") else ""

    def _unexpected(self) -> ShellSyntaxError:
        token = self._peek_operator() or self._peek_word() or self.text[self.at : self.at + 1]
        return ShellSyntaxError("newline" if token == "\n" else token, self.line)

    def _expect_word(self, *words: str) -> str:
        self._skip_newlines()
        word = self._peek_word()
        if word not in words:
            raise self._unexpected()
        self.at += len(word)
        return word

    def _end_command(self) -> None:
        """Pass what ends a command.

        Raises:
            ShellSyntaxError: something else stands there.
        """
        operator = self._peek_operator()
        if operator == "\n":
            self._take_newline()
        elif operator in {";", "&"}:
            self.at += 1
        elif not self._at_end():
            raise self._unexpected()

    # -- lists

    def _parse_list(self) -> Script:
        """Parse commands up to a closing word or bracket, which stays."""
        self.enter()
        commands: list[AndOr] = []
        while True:
            self._skip_newlines()
            if (
                self._at_end()
                or self._peek_operator() in {")", ";;", ";&", ";;&"}
                or self._peek_word() in _CLOSERS
            ):
                break
            commands.append(self._parse_and_or())
            operator = self._peek_operator()
            if operator == "\n":
                self._take_newline()
            elif operator in {";", "&"}:
                self.at += 1
            elif operator not in _LIST_ENDS and not self._at_end():
                raise self._unexpected()
        self.depth -= 1
        return Script(tuple(commands))

    def _parse_and_or(self) -> AndOr:
        pipelines = [self._parse_pipeline("")]
        while (operator := self._peek_operator()) in {"&&", "||"}:
            self.at += 2
            self._skip_newlines()
            pipelines.append(self._parse_pipeline(operator))
        return AndOr(tuple(pipelines), operator == "&")

    def _parse_pipeline(self, when: str) -> Pipeline:
        self._skip_blanks()
        negated = False
        while self._peek_word() == "!":
            self.at += 1
            negated = not negated
            self._skip_blanks()
        if match := _TIME.match(self.text, self.at):
            self.at = match.end()
        commands = [self._parse_command()]
        while (operator := self._peek_operator()) in {"|", "|&"}:
            if operator == "|&" and self.dialect == "dash":
                raise ShellSyntaxError("&", self.line)
            self.at += len(operator)
            if operator == "|&":
                commands[-1] = _with_redirects(commands[-1], (Redirect(2, ">&", (Text("1"),)),))
            self._skip_newlines()
            commands.append(self._parse_command())
        return Pipeline(tuple(commands), negated, when)

    # -- commands

    def _parse_command(self) -> Command:
        word = self._peek_word()
        if word in _CLOSERS:
            raise self._unexpected()
        if self.text.startswith("((", self.at) and self.dialect == "bash":
            expression = self.read_arithmetic(2)
            if expression is not None:
                return Compute(expression, self._parse_redirects())
        if self.text[self.at : self.at + 1] == "(":
            return self._parse_subshell()
        match = _FUNCTION.match(self.text, self.at)
        if match is None and self.dialect == "bash" and word == "function":
            match = _FUNCTION_WORD.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            self._skip_newlines()
            self.enter()
            body = self._parse_command()
            self.depth -= 1
            return Function(match[1], body)
        parse = {
            "if": self._parse_if,
            "while": self._parse_while,
            "until": self._parse_while,
            "for": self._parse_for,
            "case": self._parse_case,
            "{": self._parse_group,
        }.get(word)
        if word == "[[" and self.dialect == "bash":
            return self._parse_condition()
        if parse is None:
            return self._parse_simple()
        self.at += len(word)
        command = parse(word)
        return _with_redirects(command, self._parse_redirects())

    def _parse_group(self, _: str) -> Command:
        body = self._parse_list()
        self._expect_word("}")
        return Group(body)

    def _parse_subshell(self) -> Command:
        self.at += 1
        body = self._parse_list()
        if self._peek_operator() != ")":
            raise self._unexpected()
        self.at += 1
        return Group(body, True, self._parse_redirects())

    def _parse_if(self, _: str) -> Command:
        branches: list[tuple[Script, Script]] = []
        otherwise = None
        word = "if"
        while word in {"if", "elif"}:
            condition = self._parse_list()
            self._expect_word("then")
            branches.append((condition, self._parse_list()))
            word = self._expect_word("elif", "else", "fi")
        if word == "else":
            otherwise = self._parse_list()
            self._expect_word("fi")
        return If(tuple(branches), otherwise)

    def _parse_while(self, word: str) -> Command:
        condition = self._parse_list()
        return While(condition, self._parse_do(), word == "until")

    def _parse_do(self) -> Script:
        self._expect_word("do")
        body = self._parse_list()
        self._expect_word("done")
        return body

    def _parse_for(self, _: str) -> Command:
        self._skip_blanks()
        if self.text.startswith("((", self.at) and self.dialect == "bash":
            end = self.text.find("))", self.at)
            parts = self.text[self.at + 2 : end].split(";")
            if end < 0 or len(parts) != 3:
                raise self._unexpected()
            begin, condition, step = (self.read_here_document(part, False) for part in parts)
            self.at = end + 2
            if self._peek_operator() == ";":
                self.at += 1
            return CountingFor(begin, condition, step, self._parse_do())
        name = literal(self.read_word()) or ""
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise self._unexpected()
        words: tuple[Word, ...] | None = None
        self._skip_newlines()
        if self._peek_word() == "in":
            self.at += 2
            words = self._parse_words()
        if self._peek_operator() == ";":
            self.at += 1
        return For(name, words, self._parse_do())

    def _parse_words(self) -> tuple[Word, ...]:
        words: list[Word] = []
        while not self._peek_operator() and not self._at_end():
            start = self.at
            words.append(self.read_word())
            if self.at == start:
                raise self._unexpected()
        return tuple(words)

    def _parse_case(self, _: str) -> Command:
        self._skip_blanks()
        word = self.read_word()
        self._expect_word("in")
        branches: list[tuple[tuple[Word, ...], Script]] = []
        self._skip_newlines()
        while self._peek_word() != "esac":
            if self._peek_operator() == "(":
                self.at += 1
            patterns: list[Word] = []
            while True:
                self._skip_blanks()
                start = self.at
                patterns.append(self.read_word())
                if self.at == start:
                    raise self._unexpected()
                if self._peek_operator() != "|":
                    break
                self.at += 1
            if self._peek_operator() != ")":
                raise self._unexpected()
            self.at += 1
            branches.append((tuple(patterns), self._parse_list()))
            operator = self._peek_operator()
            if operator in {";;", ";&", ";;&"}:
                self.at += len(operator)
                self._skip_newlines()
            elif self._peek_word() != "esac":
                raise self._unexpected()
        self.at += len("esac")
        return Case(word, tuple(branches))

    def _parse_condition(self) -> Command:
        line = self.line
        self.at += 2
        words: list[Word] = []
        while True:
            self._skip_newlines()
            if self._at_end():
                raise ShellSyntaxError("", self.line)
            if self._peek_word() == "]]":
                self.at += 2
                return Condition(tuple(words), self._parse_redirects(), line)
            operator = next(
                (o for o in ("&&", "||", "(", ")", "<", ">") if self.text.startswith(o, self.at)), ""
            )
            if operator:
                words.append((Text(operator),))
                self.at += len(operator)
                continue
            pattern_follows = bool(words) and literal(words[-1]) == "=~"
            start = self.at
            words.append(self.read_until(" \t\n") if pattern_follows else self.read_word())
            if self.at == start:
                raise self._unexpected()

    def _parse_simple(self) -> Command:
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirects: list[Redirect] = []
        line, declared = self.line, False
        while not self._peek_operator() and not self._at_end():
            if redirect := self._read_redirect():
                redirects.append(redirect)
                continue
            match = _ASSIGNMENT.match(self.text, self.at)
            if match is not None and (not words or self._declares_array(words, match)):
                self.at = match.end()
                assignments.append(self._read_assignment(match))
                if words:
                    words.append((Text(match[1]),))
                    declared = True
                continue
            start = self.at
            words.append(self.read_word())
            if self.at == start:
                raise self._unexpected()
        if not (words or assignments or redirects) or (words and self._peek_operator() == "("):
            raise self._unexpected()
        if declared:
            return _declare_and_assign(Simple(tuple(words), (), tuple(redirects), line), assignments)
        return Simple(tuple(words), tuple(assignments), tuple(redirects), line)

    def _declares_array(self, words: list[Word], match: re.Match[str]) -> bool:
        """True at `A=(` behind `declare -a`, `local` and their like; of maps (`-A`) nothing is known."""
        if self.dialect == "dash" or match[2] or self.text[match.end() : match.end() + 1] != "(":
            return False
        keyword, *options = (literal(word) or "" for word in words)
        return keyword in {"declare", "local", "typeset", "readonly"} and all(
            _ARRAY_OPTION.fullmatch(option) for option in options
        )

    def _read_assignment(self, match: re.Match[str]) -> Assignment:
        name, index, append = match[1], match[2], bool(match[3])
        index_word = self.read_here_document(index[1:-1], False) if index else None
        if self.text[self.at : self.at + 1] == "(" and not index:
            if self.dialect == "dash":
                raise ShellSyntaxError("(", self.line)
            self.at += 1
            elements: list[Word] = []
            self._skip_newlines()
            while self._peek_operator() != ")":
                start = self.at
                elements.append(self.read_word())
                if self.at == start:
                    raise self._unexpected()
                self._skip_newlines()
            self.at += 1
            return Assignment(name, (), append, tuple(elements))
        return Assignment(name, self.read_word(), append, index=index_word)

    # -- redirections

    def _parse_redirects(self) -> tuple[Redirect, ...]:
        redirects: list[Redirect] = []
        self._skip_blanks()
        while redirect := self._read_redirect():
            redirects.append(redirect)
            self._skip_blanks()
        return tuple(redirects)

    def _read_redirect(self) -> Redirect | None:
        match = _REDIRECT_START.match(self.text, self.at)
        if match is None or (match[2].startswith("&") and self.dialect == "dash"):
            return None
        number, operator = match[1], match[2]
        if operator == "<<<" and self.dialect == "dash":
            raise ShellSyntaxError("redirection", self.line)
        self.at = match.end()
        descriptor = int(number[:3]) if number else 0 if operator.startswith("<") else 1
        self._skip_blanks()
        if operator == "<" and self.text.startswith("<(", self.at) and self.dialect == "bash":
            return Redirect(descriptor, "<<", self._read_process_substitution())
        start = self.at
        target = self.read_word()
        if self.at == start:
            raise self._unexpected()
        if operator in {"<<", "<<-"}:
            return Redirect(descriptor, "<<", self._take_here_document(target, operator == "<<-"))
        return Redirect(descriptor, ">" if operator == ">|" else operator, target)

    def _read_process_substitution(self) -> Word:
        """Read `<(…)` behind a `<`: what its commands print is read as a here-document is."""
        self.at += 2
        body = self._parse_list()
        if self._peek_operator() != ")":
            raise self._unexpected()
        self.at += 1
        return CommandOutput(body, True), Text("\n", True)

    def _take_here_document(self, word: Word, strip_tabs: bool) -> Word:
        """Find a here-document's text below this line, and pass over it when the line ends."""
        end_mark = literal(word) or ""
        begin = self._after_here_documents or self.text.find("\n", self.at) + 1 or len(self.text)
        at, lines = begin, list[str]()
        while at < len(self.text):
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            line = self.text[at:end].lstrip("\t") if strip_tabs else self.text[at:end]
            at = end + 1
            if line == end_mark:
                break
            lines.append(line + "\n")
        self._after_here_documents = min(at, len(self.text))
        is_literal = any(isinstance(part, Text) and part.quoted for part in word)
        return self.read_here_document("".join(lines), is_literal)


def _declare_and_assign(declare: Simple, assignments: list[Assignment]) -> Group:
    """Return `declare A=(…)` as the two commands that it is short for, `declare A` and `A=(…)`."""
    commands = (declare, Simple((), tuple(assignments), (), declare.line))
    if literal(declare.words[0]) == "readonly":
        commands = commands[::-1]
    return Group(Script(tuple(AndOr((Pipeline((command,)),)) for command in commands)))


def _with_redirects(command: Command, redirects: tuple[Redirect, ...]) -> Command:
    """Return a command with more redirections behind its own."""
    if not redirects or isinstance(command, Function):
        return command
    return replace(command, redirects=(*command.redirects, *redirects))
