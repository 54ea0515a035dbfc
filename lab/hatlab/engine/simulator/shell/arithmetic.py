"""`$(( … ))`: whole numbers of 64 bits, with C's operators."""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\+\+|--|<<=|>>=|&&|\|\||[-+*/%<>=!]=|<<|>>|[-+*/%<>=!~^&|?:(),])"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<=", ">=", "<", ">"), ("<<", ">>"), ("+", "-"),
    ("*", "/", "%"),
)  # fmt: skip
MAX_TOKENS = 400


class ArithmeticFault(Exception):
    """An expression that has no value; its argument is bash's reason."""


class Arithmetic:
    """Evaluates one expression.

    Args:
        get: a variable's value; an empty one counts as 0.
        set_: takes an assignment.
    """

    def __init__(self, text: str, get: Callable[[str], str], set_: Callable[[str, str], None]) -> None:
        self._get, self._set = get, set_
        self._text = text
        self._tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None or len(self._tokens) > MAX_TOKENS:
                raise ArithmeticFault("syntax error: operand expected")
            self._tokens.append(match[1])
            at = match.end()
        self._at = 0

    def evaluate(self) -> int:
        """Return its value; 0 for nothing.

        Raises:
            ArithmeticFault: it has none.
        """
        if not self._tokens:
            return 0
        value = self._assignment()
        while self._peek() == ",":
            self._at += 1
            value = self._assignment()
        if self._at < len(self._tokens):
            raise ArithmeticFault("syntax error in expression")
        return value

    def _peek(self, offset: int = 0) -> str:
        at = self._at + offset
        return self._tokens[at] if at < len(self._tokens) else ""

    def _assignment(self) -> int:
        name, operator = self._peek(), self._peek(1)
        if re.fullmatch(r"[A-Za-z_]\w*", name) and re.fullmatch(r"(<<|>>|[-+*/%&|^])?=", operator):
            self._at += 2
            value = self._assignment()
            if operator != "=":
                value = self._apply(operator[:-1], self._number(name), value)
            self._set(name, str(value))
            return value
        value = self._binary(0)
        if self._peek() == "?":
            self._at += 1
            one = self._assignment()
            if self._peek() != ":":
                raise ArithmeticFault("`:' expected for conditional expression")
            self._at += 1
            other = self._assignment()
            return one if value else other
        return value

    def _binary(self, level: int) -> int:
        if level == len(_LEVELS):
            return self._unary()
        value = self._binary(level + 1)
        while (operator := self._peek()) in _LEVELS[level]:
            self._at += 1
            value = self._apply(operator, value, self._binary(level + 1))
        return value

    def _unary(self) -> int:
        token = self._peek()
        self._at += 1
        if token in {"-", "+", "!", "~"}:
            value = self._unary()
            return {"-": -value, "+": value, "!": int(not value), "~": ~value}[token]
        if token in {"++", "--"}:
            name = self._peek()
            self._at += 1
            value = self._number(name) + (1 if token == "++" else -1)
            self._set(name, str(value))
            return value
        if token == "(":
            value = self._assignment()
            if self._peek() != ")":
                raise ArithmeticFault("missing `)'")
            self._at += 1
            return value
        if token[:1].isdigit():
            return self._number(token)
        if not re.fullmatch(r"[A-Za-z_]\w*", token):
            raise ArithmeticFault("syntax error: operand expected")
        value = self._number(token)
        if self._peek() in {"++", "--"}:
            self._set(token, str(value + (1 if self._peek() == "++" else -1)))
            self._at += 1
        return value

    def _number(self, token: str) -> int:
        text = token if token[:1].isdigit() else self._get(token).strip()
        if re.fullmatch(r"[A-Za-z_]\w*", text):
            text = self._get(text).strip()  # a variable that names another: one step is enough here
        if not text:
            return 0
        match = re.fullmatch(r"(-?)(0[xX][0-9a-fA-F]{1,16}|\d{1,19})", text)
        if match is None:
            raise ArithmeticFault("syntax error: invalid arithmetic operator")
        digits = match[2]
        try:
            octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xX"
            value = int(digits, 8 if octal else 0)
        except ValueError:
            raise ArithmeticFault("value too great for base") from None
        return -value if match[1] else value

    @staticmethod
    def _apply(operator: str, one: int, other: int) -> int:
        if operator in {"/", "%"} and other == 0:
            raise ArithmeticFault("division by 0")
        quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1) if other else 0
        value = {
            "+": one + other, "-": one - other, "*": one * other, "/": quotient, "%": one - quotient * other,
            "<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other, "==": one == other,
            "!=": one != other, "&&": bool(one) and bool(other), "||": bool(one) or bool(other),
            "&": one & other,
            "|": one | other, "^": one ^ other, "<<": one << (other & 63), ">>": one >> (other & 63),
        }[operator]  # fmt: skip
        return (int(value) + 2**63) % 2**64 - 2**63
