"""The lessons there are.

`loader` reads their files, `catalogue` finds and lists them with a learner's progress, `locale` chooses a
language, `translation` compares a translation with its original.
"""
