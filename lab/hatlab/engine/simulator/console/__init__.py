"""A line console into a simulated node: what a learner would type on the real one, in the same words.

    shell      lines, lists, pipes, `$?`; which command is which program
    words      how a line falls into words
    host       what a command may look at: the machine, its neighbours, the lab's clock as a date
    ip, processes, services, files, capture, mysql, ping, nft, misc, filters   the programs
    driver     lets a line run while virtual time passes
    terminal   the prompt, on a real terminal

A program is a generator: it yields lines of output (`Err` for stderr), None to let virtual time pass, or an
`Edit`; it returns its exit status. It acts by the same functions as the verbs of `hatlab.actions`, so
the facts are the same. What the simulator does not model a program says in a line that begins with `hatlab:`.
"""
