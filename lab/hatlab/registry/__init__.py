"""Tables of what hatlab knows by name: its own, and what extensions add by entry points.

installed   which extensions are installed: looked for once, when a name is asked for that is not hatlab's own
table       one table a kind: `Table`, in which a name of an extension is imported when it is needed
problems    what is wrong with an extension, told once and never raised
"""

from hatlab.registry.installed import (
    API_VERSION,
    Extension,
    Kind,
    are_wanted,
    describe_error,
    environment_allows,
    find_extensions,
    is_installed,
    package_name,
    use_extensions,
)
from hatlab.registry.problems import ExtensionProblem, known_problems, tell_problems_to
from hatlab.registry.table import Table

__all__ = [
    "API_VERSION",
    "Extension",
    "ExtensionProblem",
    "Kind",
    "Table",
    "are_wanted",
    "describe_error",
    "environment_allows",
    "find_extensions",
    "is_installed",
    "known_problems",
    "package_name",
    "tell_problems_to",
    "use_extensions",
]
