"""The app, built up in steps: what keys do stands here, how things look in the other folders.

terminal_input  what a terminal sends becomes keys
key_order     keys take effect one after the other
notices         what is said in passing: shown one after the other, and kept
actions       a key, a menu entry or a typed line becomes an Action, and is carried out
copying       text is copied, the screen is saved as a picture
time_control  keys that hold, pace and set time
lesson        the lesson is fed, shown, and put into each step's checkpoint
lesson_input  a learner's answers, and the keys of a lesson
drill         what a drill refuses, counts and reports
app           LabApp: all of it; starts, drains and stops the session
palette       the command palette
"""
