"""Style sheets that are parsed once at a start; Textual would do it again for the theme that they have."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class SteadyStylesheet(Stylesheet):
    """Style sheets that are parsed again only if something has changed: a source, or a colour."""

    _has_other_variables = False

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)
            self._has_other_variables = True

    def reparse(self) -> None:
        if self._has_other_variables or self._require_parse:
            super().reparse()
            self._has_other_variables = False
