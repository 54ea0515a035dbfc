"""The file that `jupyterhub -f` loads; the class is the folder that HATLAB_CLASS names."""

import os
from pathlib import Path

from hatlab.classroom.course import COURSE_VARIABLE, follow_course
from hatlab.classroom.hub.configuration import configure_hub

configure_hub(get_config(), follow_course(Path(os.environ[COURSE_VARIABLE])))  # type: ignore[name-defined]  # noqa: F821
