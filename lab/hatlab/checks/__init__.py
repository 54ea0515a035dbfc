"""Checks beyond a file's own format: hatlab's own, and those of extensions.

source_file   a file as checks see it: its text, and what was read in it
table         the checks by name, the rules of extensions, and the findings of all of them in one file
own           hatlab's own
"""
