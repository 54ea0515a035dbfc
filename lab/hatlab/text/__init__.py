"""The readers without a screen: the log of a lab (`event_log`), and lessons as text.

`lesson` leads through one; `lesson_input` adds a learner who types, `lesson_demo` plays it by itself, and
`drill` is a drill for one who types. What they write comes from `lesson_sentences`, `markdown_text` and
`solution_lines`; what a screen would show in its panes, from `lab_queries` and `glossary_lines`.
"""
