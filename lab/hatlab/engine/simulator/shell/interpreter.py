"""Runs the commands of a script, as bash or dash does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from hatlab.engine.simulator.programs.context import (
    Ancestor,
    Context,
    ErrorLine,
    Item,
    PartialLine,
    Pause,
    Run,
    Source,
    is_output,
)
from hatlab.engine.simulator.shell.builtins import BUILTINS, Break, Continue, Exit, Return
from hatlab.engine.simulator.shell.conditions import condition_outcome
from hatlab.engine.simulator.shell.expansion import Expander, ExpansionFault, NeedsOutput
from hatlab.engine.simulator.shell.patterns import matches
from hatlab.engine.simulator.shell.redirection import Redirection, RedirectionFault
from hatlab.engine.simulator.shell.state import BUSY, BUSY_TIME, MAX_DEPTH, ShellState
from hatlab.shell import Script, parse_script
from hatlab.shell.syntax import (
    AndOr,
    Assignment,
    Case,
    Command,
    Compute,
    Condition,
    CountingFor,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Simple,
    While,
    Word,
    literal,
)

T = TypeVar("T")
Work = Generator[Item, str | None, T]


@dataclass(slots=True)
class Interpreter:
    """One shell or subshell.

    Args:
        ctx: its surroundings; each program gets a copy.
        state: what it remembers.
        run_program: runs a program by its path or name, in its arguments' context.
        spawn: starts a process for a command with `&`: returns its process id, 0 if it cannot.
    """

    ctx: Context
    state: ShellState
    run_program: Callable[[Context], Run]
    spawn: Callable[[Command, ShellState], int]
    sourcing: int = 0
    """How many files it reads with `.` at present, one within another."""
    guarded: int = 0
    """How many conditions it stands in: `set -e` holds outside them alone."""

    def run(self, text: str) -> Run:
        """Run a whole script; its value is the exit status."""
        try:
            yield from self.run_script(parse_script(text, self.state.dialect))
        except Exit as end:
            self.state.status = end.status
        except (Return, Break, Continue):
            pass
        if handler := self.state.traps.pop("EXIT", ""):
            status = self.state.status
            with suppress(Exit, Return, Break, Continue):
                yield from self.run_script(parse_script(handler, self.state.dialect))
            self.state.status = status
        return self.state.status

    def run_script(self, script: Script) -> Work[None]:
        """Run a list of commands.

        Raises:
            Exit, Return, Break, Continue: a command of it says so.
        """
        for command in script.commands:
            yield from self._run_and_or(command)
        if script.error is not None:
            self.state.line = script.error.line
            self.state.status = 2
            yield ErrorLine(self.state.error(script.error.describe(self.state.dialect)))
            if self.state.is_script:
                raise Exit(2)

    # -- lists

    def _run_and_or(self, command: AndOr) -> Work[None]:
        if command.background:
            body = command.pipelines[0].commands[0]
            if len(command.pipelines) > 1 or len(command.pipelines[0].commands) > 1:
                body = Group(Script((replace(command, background=False),)), True)
            pid = self.ctx.ask(self.spawn, body, self.state)
            if not pid:
                yield ErrorLine(self.state.error("fork: retry: Resource temporarily unavailable"))
                raise Exit(254)
            self.state.last_job, self.state.status = pid, 0
            self.state.jobs.append(pid)
            return
        last = len(command.pipelines) - 1
        for number, pipeline in enumerate(command.pipelines):
            if (pipeline.when == "&&" and self.state.status) or (
                pipeline.when == "||" and not self.state.status
            ):
                continue
            decides = number != last or pipeline.negated
            self.guarded += decides
            yield from self._run_pipeline(pipeline)
            self.guarded -= decides
            if self.state.status and not decides and "e" in self.state.options and not self.guarded:
                raise Exit(self.state.status)

    def _run_pipeline(self, pipeline: Pipeline) -> Work[None]:
        state = self.state
        if len(pipeline.commands) == 1:
            yield from self._run_command(pipeline.commands[0], tty=self.ctx.tty)
            state.pipe_status = [str(state.status)]
        else:
            yield from self._run_stages(pipeline.commands)
        if pipeline.negated:
            state.status = int(not state.status)

    def _run_stages(self, commands: tuple[Command, ...]) -> Work[None]:
        """Run commands that are joined by pipes, each in a shell of its own."""
        source, piped = self.ctx.stdin, self.ctx.piped
        stages: list[Interpreter] = []
        siblings = tuple(
            Ancestor(self.state.pid + 2 + number, self.state.pid, words[0], " ".join(words))
            for number, command in enumerate(commands)
            if (words := _written_words(command))
        )
        for number, command in enumerate(commands):
            last = number == len(commands) - 1
            stage = self._fork(source, piped or number > 0, tty=self.ctx.tty and last)
            others = tuple(s for s in siblings if s.pid != self.state.pid + 2 + number)
            stage.ctx.ancestors = (*stage.ctx.ancestors, *others)
            stages.append(stage)
            run = stage._run_stage(command, source if number else None)
            source, piped = run, True
        while True:
            try:
                item = next(source)
            except StopIteration:
                break
            yield item
        statuses = [stage.state.status for stage in stages]
        failed = [status for status in statuses if status]
        self.state.pipe_status = [str(status) for status in statuses]
        self.state.status = failed[-1] if "pipefail" in self.state.options and failed else statuses[-1]

    def _run_stage(self, command: Command, source: Source | None) -> Iterator[Item]:
        """Run one end of a pipe; what it did not read makes the program before it end."""
        try:
            yield from self._run_command(command, tty=self.ctx.tty)
        except Exit as end:
            self.state.status = end.status
        except (Return, Break, Continue):
            pass
        if source is not None:
            for item in source:
                if is_output(item):
                    break  # SIGPIPE
                yield item
            close = getattr(source, "close", None)
            if close is not None:
                close()

    def _fork(self, stdin: Source | None = None, piped: bool = False, *, tty: bool = False) -> Interpreter:
        ctx = replace(self.ctx, tty=tty)
        if stdin is not None:
            ctx.stdin, ctx.piped = stdin, piped
        twin = Interpreter(ctx, self.state.fork(), self.run_program, self.spawn)
        return twin

    # -- commands

    def _run_command(self, command: Command, *, tty: bool = False) -> Work[None]:
        """Run a command; its status is in the state then."""
        yield from self._count_step()
        if isinstance(command, Simple):
            yield from self._run_simple(command, tty)
        elif isinstance(command, Function):
            self.state.functions[command.name] = command.body
            self.state.status = 0
        elif command.redirects:
            yield from self._run_redirected(command.redirects, lambda inner: inner._run_compound(command))
        else:
            yield from self._run_compound(command)

    def _count_step(self) -> Work[None]:
        budget = self.state.budget
        budget.steps += 1
        if self.ctx.interrupt.is_set():
            raise Exit(130)
        if budget.steps % BUSY == 0:
            yield from self.ctx.wait(BUSY_TIME)
        while budget.spent and not self.ctx.interrupt.is_set():
            yield Pause()

    def _run_redirected(
        self, redirects: tuple[Redirect, ...], run: Callable[[Interpreter], Work[None]]
    ) -> Work[None]:
        try:
            targets = yield from self._expand_redirects(redirects)
            redirection = yield from Redirection.open(self.ctx, self.state, targets)
        except (RedirectionFault, ExpansionFault) as fault:
            self.state.status = 2 if self.state.dialect == "dash" else 1
            yield from map(ErrorLine, fault.args)
            return
        ctx = replace(self.ctx, tty=self.ctx.tty and not redirection.sends_output_away)
        if redirection.stdin is not None:
            ctx.stdin, ctx.piped = redirection.stdin, True
        yield from redirection.direct(run(replace(self, ctx=ctx)))

    def _expand_redirects(self, redirects: tuple[Redirect, ...]) -> Work[list[tuple[Redirect, str]]]:
        targets = []
        for redirect in redirects:
            text = yield from self._expand(lambda expander, r=redirect: expander.text(r.target))  # type: ignore[misc]
            targets.append((redirect, text))
        return targets

    def _run_compound(self, command: Command) -> Work[None]:
        state = self.state
        match command:
            case Group(body, subshell):
                if subshell:
                    yield from self._run_subshell(body)
                else:
                    yield from self.run_script(body)
            case If(branches, otherwise):
                yield from self._run_if(branches, otherwise)
            case While(condition, body, until):
                yield from self._run_while(condition, body, until)
            case For(name, words, body):
                values = state.arguments if words is None else (yield from self._expand_words(words))
                yield from self._run_loop(((name, value) for value in list(values)), body)
            case CountingFor():
                yield from self._run_counting(command)
            case Case(word, branches_):
                yield from self._run_case(word, branches_)
            case Condition(words_):
                yield from self._run_condition(words_)
            case Compute(expression):
                value = yield from self._compute(expression)
                state.status = int(value == 0)

    def _run_subshell(self, body: Script) -> Work[None]:
        if self.state.depth >= MAX_DEPTH:
            self.state.status = 254
            yield ErrorLine(self.state.error("fork: retry: Resource temporarily unavailable"))
            return
        twin = self._fork(tty=self.ctx.tty)
        twin.guarded = self.guarded
        try:
            yield from twin.run_script(body)
        except Exit as end:
            twin.state.status = end.status
        except (Return, Break, Continue):
            pass
        self.state.status = twin.state.status

    def _run_if(self, branches: tuple[tuple[Script, Script], ...], otherwise: Script | None) -> Work[None]:
        for condition, body in branches:
            if (yield from self._holds(condition)):
                self.state.status = 0
                yield from self.run_script(body)
                return
        self.state.status = 0
        if otherwise is not None:
            yield from self.run_script(otherwise)

    def _holds(self, condition: Script) -> Work[bool]:
        self.guarded += 1
        try:
            yield from self.run_script(condition)
        finally:
            self.guarded -= 1
        return self.state.status == 0

    def _run_round(self, body: Script) -> Work[bool]:
        """Run the body of a loop once; True if a `break` ends the loop."""
        try:
            yield from self.run_script(body)
        except Continue as jump:
            if jump.levels > 1:
                raise Continue(jump.levels - 1) from None
        except Break as jump:
            if jump.levels > 1:
                raise Break(jump.levels - 1) from None
            return True
        return False

    def _run_while(self, condition: Script, body: Script, until: bool) -> Work[None]:
        status = 0
        while (yield from self._holds(condition)) != until:
            yield from self._count_step()
            if (yield from self._run_round(body)):
                status = 0
                break
            status = self.state.status
        self.state.status = status

    def _run_loop(self, values: Iterator[tuple[str, str]], body: Script) -> Work[None]:
        self.state.status = 0
        for name, value in values:
            self.state.set(name, value)
            yield from self._count_step()
            if (yield from self._run_round(body)):
                return

    def _run_counting(self, command: CountingFor) -> Work[None]:
        yield from self._compute(command.begin)
        while not command.condition or (yield from self._compute(command.condition)):
            yield from self._count_step()
            if (yield from self._run_round(command.body)):
                return
            yield from self._compute(command.step)

    def _run_case(self, word: Word, branches: tuple[tuple[tuple[Word, ...], Script], ...]) -> Work[None]:
        text = yield from self._expand(lambda expander: expander.text(word))
        self.state.status = 0
        for patterns, body in branches:
            for pattern in patterns:
                field = yield from self._expand(lambda expander, p=pattern: expander.field(p))  # type: ignore[misc]
                if matches(field, text):
                    yield from self.run_script(body)
                    return

    def _run_condition(self, words: tuple[Word, ...]) -> Work[None]:
        fields = yield from self._expand(lambda expander: [expander.field(word) for word in words])
        compute = Expander(self.state, self._list_names).compute
        outcome = self.ctx.ask(condition_outcome, fields, self.ctx.host.disk, compute)
        if not isinstance(outcome, bool):
            yield ErrorLine(self.state.error(outcome[0]))
            self.state.status = 2
            return
        self.state.status = int(not outcome)

    def _list_names(self, folder: str) -> list[str]:
        return self.ctx.ask(self.ctx.host.disk.list_names, folder)

    def _compute(self, expression: Word) -> Work[int]:
        def evaluate(expander: Expander) -> int:
            return expander.compute(expander.text(expression))

        return (yield from self._expand(evaluate))

    # -- simple commands

    def _run_simple(self, command: Simple, tty: bool) -> Work[None]:
        state = self.state
        state.line = command.line
        before = state.status
        argv = yield from self._expand_words(command.words)
        if not argv:
            ran = yield from self._assign(command.assignments)
            state.status = (
                ran if ran is not None else 0 if command.assignments or not command.words else before
            )
            if command.redirects:
                yield from self._run_redirected(command.redirects, lambda _: iter_nothing())
            return
        values = []
        for assignment in command.assignments:
            text = yield from self._expand(lambda expander, a=assignment: expander.text(a.value))  # type: ignore[misc]
            values.append((assignment.name, text))
        if "x" in state.options:
            yield ErrorLine("+ " + " ".join(argv))
        if command.redirects and argv == ["exec"]:  # a script's own output goes nowhere here
            state.status = 0
            yield from self._run_redirected(command.redirects, lambda _: iter_nothing())
            return
        if command.redirects:
            yield from self._run_redirected(
                command.redirects, lambda inner: inner._run_argv(argv, values, inner.ctx.tty)
            )
        else:
            yield from self._run_argv(argv, values, tty)

    def _run_argv(self, argv: list[str], values: list[tuple[str, str]], tty: bool) -> Work[None]:
        state, name = self.state, argv[0]
        if name in state.functions:
            yield from self._call_function(argv, values)
            return
        builtin = BUILTINS.get(name)
        if builtin is not None and not (state.dialect == "dash" and name in _BASH_ONLY):
            for variable, value in values:
                state.set(variable, value)
            state.status = yield from builtin(self, argv)
            return
        variables = state.environment() | dict(values)
        ctx = replace(self.ctx, argv=argv, tty=tty, variables=variables, launch=self._launch)
        ctx.shell_name, ctx.dialect = state.error("")[:-2], state.dialect
        state.status = yield from self._watch_output(self.run_program(ctx))

    def _launch(self, argv: list[str], ctx: Context) -> Run:
        """Run a program for another one (`timeout`, `env`)."""
        return self.run_program(replace(ctx, argv=argv))

    def _watch_output(self, run: Run) -> Run:
        """Count a program's lines."""
        budget = self.state.budget
        answer: str | None = None
        while True:
            try:
                item = run.send(answer) if answer is not None else next(run)
            except StopIteration as end:
                return int(end.value or 0)
            if isinstance(item, str):
                budget.lines += 1
                while budget.spent and not self.ctx.interrupt.is_set():
                    yield Pause()
            answer = yield item

    def _call_function(self, argv: list[str], values: list[tuple[str, str]]) -> Work[None]:
        state = self.state
        if len(state.scopes) >= MAX_DEPTH:
            state.status = 1
            yield ErrorLine(state.error("maximum function nesting level exceeded", argv[0]))
            raise Exit(1)
        arguments, state.arguments = state.arguments, argv[1:]
        state.scopes.append({})
        for name, value in values:
            state.scopes[-1].setdefault(name, state.variables.get(name))
            state.set(name, value)
        try:
            yield from self._run_command(state.functions[argv[0]])
        except Return as end:
            state.status = end.status
        finally:
            state.arguments = arguments
            for name, outer in state.scopes.pop().items():
                if outer is None:
                    state.variables.pop(name, None)
                else:
                    state.variables[name] = outer

    def run_argv(self, argv: list[str]) -> Work[None]:
        """Run a builtin or program by its words."""
        yield from self._run_argv(argv, [], self.ctx.tty)

    def compute_text(self, text: str) -> Work[int]:
        """Return the value of an arithmetic expression."""
        return (yield from self._expand(lambda expander: expander.compute(text)))

    def run_subshell(self, body: Script) -> Run:
        """Run commands as a process of their own; the value is its exit status."""
        yield from self._run_to_end(body)
        return self.state.status

    # -- words

    def _assign(self, assignments: tuple[Assignment, ...]) -> Work[int | None]:
        """Make assignments; return the status of the last command in them, None without any."""
        state = self.state
        status: int | None = None
        for assignment in assignments:
            name = assignment.name
            if name in state.readonly:
                yield ErrorLine(state.error("readonly variable", name))
                raise Exit(1)
            if assignment.elements is not None:
                elements = yield from self._expand_words(assignment.elements)
                before = state.variables.get(name, [])
                kept = (before if isinstance(before, list) else [before]) if assignment.append else []
                state.set(name, [*kept, *elements])
                continue
            state.status = 0
            text = yield from self._expand(lambda expander, a=assignment: expander.text(a.value))  # type: ignore[misc]
            status = state.status or status
            if assignment.index is not None:
                at = yield from self._compute(assignment.index)
                value = state.variables.get(name, [])
                items = list(value) if isinstance(value, list) else [value]
                if 0 <= at < 1000:
                    items += [""] * (at + 1 - len(items))
                    items[at] = text
                state.set(name, items)
            else:
                state.set(name, ((state.get(name) or "") if assignment.append else "") + text)
        return status

    def _expand_words(self, words: tuple[Word, ...]) -> Work[list[str]]:
        return (yield from self._expand(lambda expander: expander.fields(words)))

    def _expand(self, expand: Callable[[Expander], T]) -> Work[T]:
        """Expand words, running the commands in them as they are needed."""
        outputs: list[str] = []
        while True:
            expander = Expander(self.state, self._list_names, outputs)
            try:
                result = expand(expander)
            except NeedsOutput as need:
                outputs.append((yield from self._run_substitution(need.part.script)))
                continue
            except ExpansionFault as fault:
                yield ErrorLine(self.state.error(fault.args[0]))
                self.state.status = 2 if self.state.dialect == "dash" else 1
                if self.state.is_script:
                    raise Exit(self.state.status) from None
                raise Break(10**6) from None
            expander.commit()
            return result

    def _run_substitution(self, script: Script) -> Work[str]:
        """Return what commands print, without the line ends behind it; their status is the state's."""
        if self.state.depth >= MAX_DEPTH:
            yield ErrorLine(self.state.error("$(…) is nested too deep"))
            return ""
        twin = self._fork()
        twin.state.options.discard("e") if self.state.dialect == "bash" else None
        twin.ctx.ancestors = (*twin.ctx.ancestors, *_subshell_of(self))
        text = ""
        run = twin._run_to_end(script)
        for item in run:
            if isinstance(item, str) and not isinstance(item, ErrorLine):
                text += item if isinstance(item, PartialLine) else item + "\n"
            else:
                yield item
        self.state.status = twin.state.status
        return text.rstrip("\n")

    def _run_to_end(self, script: Script) -> Iterator[Item]:
        try:
            yield from self.run_script(script)
        except Exit as end:
            self.state.status = end.status
        except (Return, Break, Continue):
            pass


_BASH_ONLY = frozenset({"let", "declare", "typeset", "source", "shopt", "pushd", "popd", "mapfile", "disown"})


def iter_nothing() -> Work[None]:
    """A command that does nothing."""
    return
    yield


def _written_words(command: Command) -> tuple[str, ...]:
    """Return a command's words as they are written, for the list of processes."""
    if not isinstance(command, Simple):
        return ()
    return tuple(literal(word) or "…" for word in command.words)


def _subshell_of(shell: Interpreter) -> tuple[Ancestor, ...]:
    """Return the process that `$(…)` adds to a script's own."""
    if not shell.state.family:
        return ()
    own = shell.state.family[-1]
    return (Ancestor(own.pid + 1, own.pid, own.name, own.command),)
