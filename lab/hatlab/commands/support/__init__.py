"""What several commands share.

engine_choice        chooses an engine, and builds the node image if it is missing
file_editor          hatlab's own editor, for files of simulated nodes
output               lines on stdout and stderr
json_output          `--json`: answers, notes and errors as objects
progress             the bar of what takes long
lifecycle            recorder, control socket, signals: what every front end of a lab needs
recordings           finds the latest recording
pipe_guard           a pipe that nobody reads keeps no lab from ending
script_player        plays a script's timed actions
screen               a lab in the terminal UI
demonstration        a short demonstration, for where there is no terminal
headless             a lab as a log or as JSON events
live_capture         the frames of a running lab as a capture file that grows
lesson_options       the learner's progress file and the lessons on offer
drill_choice         which drill is played: a file, a shipped one, a seed's, or the one that is due
drill_play           plays drills, on the screen or as text
lesson_preview       a lesson shown and verified at each change, for authors
verify_on_simulator  lessons verified in virtual time, on every core
verify_on_docker     lessons verified on several Docker labs at once
file_watch           a check again after each change of a file
reports              findings, and the results of proofs, as text
configuration_files  keepalived.conf files: of which nodes they are, and what they include
script_files         the scripts beside them
file_checks          checks of topologies, lessons and keepalived.conf files
file_powers          what a topology or a lesson of somebody else may do
extension_list       what extensions add, each with what it is, or why it is left out
extension_pages      what extensions add to pages of the documentation
file_templates       the commented starts that `hatlab new` writes
"""
