"""The timeline: who was what when. What it shows is folded in `hatlab.state.timeline`.

draw   lanes and marks as lines of text; pure
chart  the widget: what is in view
pane   the widget with keys and mouse
"""
