"""What a learner is told in an exam: apart, since the screen says it and needs no more of an exam."""

from __future__ import annotations

NO_HINTS = "This is an exam: there are no hints."
NO_RESTART = "This is an exam: a step cannot be started again. To repair the lab, undo what you did."
NO_TIME_TRAVEL = "This is an exam: time cannot be stopped or set back."
NO_OTHER_LESSON = "This is an exam: no other lesson can be taken in it. To leave, press q."
FACTS_ONLY = "This is an exam: you see only facts, and nothing is explained."
HOW_TO_GO_ON = "The clock of the exam goes on. To go on with it, start it again in the same way."
TIME_IS_UP = "Time is up. All that you did is kept, and counts."
OVER = "The exam is over. All that you did is kept, and counts."
