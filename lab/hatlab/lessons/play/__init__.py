"""A lesson under way.

`runner` leads a learner through one lesson, fed with a session's batches: `reducer` folds events into a
`progress`, `learner_actions` does what the learner asks for, `task_completion` ticks the tasks, `predictions`
compares answers with the truth, `side_effects` watches for what was broken without need. `answers` reads
answers; `checkpoints` puts the lab into a step's beginning, with `action_player`, which plays solutions too.
`choice_order` shuffles choices. `drill_runner` leads through a drill, `harm` counts what was broken in it
without need, `score` gives the points.
"""
