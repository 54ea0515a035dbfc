"""Marks from recordings: what a learner did is a recording, and grading takes the lesson again from it.

`gather` finds each student's files, `lesson_recording` reads one, `retake` takes its lesson again, `attempts`
puts the sittings of a lesson together, `scoring` gives the points. `doubts` says what does not fit, with
`copies` of others' work and `progress_check` of the progress file; `chain` signs recordings and checks
signatures. `grade` does all of it, `report/` writes what came out.
"""
