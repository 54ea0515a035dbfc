"""The syntax of sh and bash scripts: what a script says, without running it.

syntax   the tree: commands, words, redirections
words    how a text falls into words: quotes, `$x`, `${x:-y}`, `$(…)`, `$((…))`
parser   how words form commands

It is our own: the one parser of bash on PyPI (bashlex) is under the GPL, and reads no `case`, no `$((…))` and
no `[[ ]]`, which nearly every check script has.
"""

from hatlab.shell.parser import parse_script
from hatlab.shell.syntax import Dialect, Script, ShellSyntaxError, program_names

__all__ = ["Dialect", "Script", "ShellSyntaxError", "parse_script", "program_names"]
