"""Lessons: what a file says, a lesson under way, and the proof that it can be passed.

words         how conditions and measures are written; `conditions`, `measures`: the tables of them
expressions   conditions put together: all, any, not, held, ever, order
model         what a lesson file says
lesson_file   reads one and finds what is wrong with it; `markdown` cuts it, `lesson_blocks` reads its YAML,
              `lesson_checks` and the modules it names check it, `lesson_rules` has the codes
library       the shipped lessons, by name
course        a lesson made ready for one lab
trace         what happened since a task began: a pure fold
progress      where a learner stands; `tutor`: the fold of it; `learner`: what a learner does
runner         one lesson under way, fed with a session's batches
"""
