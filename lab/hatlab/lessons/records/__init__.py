"""What learners have done.

`progress_file` keeps it, `progress_record` is one lesson in it, `class_report` sums up the files of a class.
"""
