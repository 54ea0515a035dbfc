"""Lessons: what a file says, a lesson under way, and the proof that it can be passed.

model       what a lesson file says; `templates`, `key_markup`: names and keys in its texts
compile     a lesson for one lab: every line resolved to the names and addresses there; `solution`: its steps
conditions  what a task waits for and what it measures
format      reads a lesson file and finds what is wrong with it
library     the lessons there are: folders, languages, translations
play        a lesson under way: the fold of a learner's progress, which ticks tasks, and what moves the lab
records     what is kept of a learner, and of a class
glossary    what the words of the lessons mean
verify      plays a lesson through, to prove that it can be passed
"""
