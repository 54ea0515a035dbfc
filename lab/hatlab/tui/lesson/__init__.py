"""The tutor beside the lab: one lesson's prose, questions and tasks, and where the learner stands in it.

presenter      decides which page is shown, and what is new on it
view_model     the blocks of a step: values, compared to know what changed
status         the one line that says what is waited for
solution_text  a task's solution as keys and lines to type
summary_page   the page at the end
drill_page     the page at the end of a drill
drill_status   a drill's status line and clock
pane           the widget of the whole
lesson_text    its scrolled text
block_widgets  a widget for each block
answer_input   what a question is answered with: a list or a field
markup         `code`, **bold** and *emphasis* in a line
"""
