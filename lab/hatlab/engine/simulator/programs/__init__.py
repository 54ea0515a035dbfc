"""The programs of a simulated machine, in the words of the real ones.

table      which name is which program
context    a program's surroundings: its output, its machine, names, ways through the lab
filters    programs that read lines and write lines, and what others use of them

A program is a generator: it yields lines of output (`ErrorLine` for stderr), a `Pause` or None to let virtual
time pass, or an `EditRequest`; it returns its exit status. It acts by the same functions as the verbs of
`hatlab.actions`, so the facts are the same. What the simulator does not model a program says in a line that
begins with `hatlab:`.
"""
