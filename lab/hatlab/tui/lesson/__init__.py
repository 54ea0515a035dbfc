"""The tutor beside the lab: one lesson's prose, questions and tasks, and where the learner stands in it.

blocks     what there is to show: values made of a runner, compared to know what changed
status     the one line that says what is waited for
ending     the page at the end
ask        the widgets of a question: a list or a field
items      the widgets of blocks
pane       the tutor itself
start      the introduction, to be read while the lab starts
"""
