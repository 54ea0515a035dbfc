"""The shell of a simulated machine: of its consoles, and of the scripts that its keepalived runs.

script        a script that runs in virtual time, as a process of its machine
interpreter   runs the commands of a syntax tree (`hatlab.shell`)
builtins      `cd`, `read`, `set`, `return` and their like
expansion     what words come to; conditions (`test`, `[`, `[[`), arithmetic, patterns
console_shell a shell that a person types into

Everything is a generator: it yields lines of output and waits, so that virtual time passes meanwhile.
"""
