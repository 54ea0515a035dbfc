"""Reads lesson files, and finds what is wrong with them.

file          a file's bytes → a lesson and findings; `markdown` cuts it up, `blocks` reads its YAML
structure     what is wrong with the steps, checked together by the modules below
references    lines that name what the lab has not
placeholders  names in braces that nothing gives; `keys`: keys that there are not
questions     whether a question has one right answer
drill         whether a drill can be played
lint          what is likely not meant
schema        the JSON Schema of front matter and blocks
"""
