"""The proof that a lesson can be passed, and only as it is meant.

`verifier` plays its solutions, does nothing, and plays its wrong solutions; `question_verifier` answers its
questions; `unmeasured` finds what could not be told; `result` is what comes out.
"""
