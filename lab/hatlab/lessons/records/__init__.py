"""What learners have done.

`progress_file` keeps it, `progress_record` is one lesson in it, `class_report` sums up the files of a class.
`drill_file` keeps how drills went and says what to practise next, `drill_report` tells how one went.
`util.kept_file` is what both files have in common.
"""
