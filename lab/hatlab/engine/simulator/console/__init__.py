"""A line console into a simulated node: what a learner would type on the real one, in the same words.

shell         runs a line: lists, pipes, `$?`, `$(…)`
shell_parser  how a line falls into words
programs      which name is which program
host          a program's surroundings: its output, its machine, names, ways through the lab
ip, processes, services, files, capture, mysql, ping, nft, small_programs, pipe_filters   the programs
driver        runs a line without a terminal
terminal      the prompt, on a real terminal

A program is a generator: it yields lines of output (`ErrorLine` for stderr), None to let virtual time pass,
or an `EditRequest`; it returns its exit status. It acts by the same functions as the verbs of
`hatlab.actions`, so the facts are the same. What the simulator does not model a program says in a line that
begins with `hatlab:`.
"""
