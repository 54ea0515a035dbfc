"""What a person has chosen, by options, variables, a file, and on the screen.

table         every setting once: its key, option, variable, default and help
model         what a value may be (pydantic; imported only where values are read)
config_file   `config.toml`, read with the line of each key; written with comments
remembered    what was changed on the screen, in a file of hatlab's own
effective     the value that counts, and where it was given

docs/settings.md says which of two values counts.
"""
