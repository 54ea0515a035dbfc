"""What the value of each setting may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from hatlab.diagnostics.model_errors import validation_problems
from hatlab.settings.table import BY_KEY, ENGINES, NARROWEST_TUTOR, WIDEST_TUTOR
from hatlab.util.json_schema import publish_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatlab.diagnostics.model_errors import Source
    from hatlab.diagnostics.yaml_source import Problem


def _known_engine(name: str) -> str:
    """Return the name of an engine that there is.

    Raises:
        PydanticCustomError: there is none of that name.
    """
    if name in ENGINES:
        return name
    *names, last = map(repr, BY_KEY["engine"].all_choices)
    if repr(name) not in (*names, last):
        raise PydanticCustomError(
            "engine", "this should be {names}", {"names": f"{', '.join(names)} or {last}"}
        )
    return name


EngineName = Annotated[str, AfterValidator(_known_engine)]
"""An engine by its name, or `auto`; an extension may bring it."""


def _switch_or_folder(value: object) -> object:
    """Return a value that is a switch or a folder's name.

    Raises:
        PydanticCustomError: it is neither; said once, and not for each of the two.
    """
    if isinstance(value, bool | str):
        return value
    raise PydanticCustomError("record", "this should be true, false or a folder in quotes")


class Config(BaseModel):
    """A `config.toml`, or a part of one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    engine: EngineName = "auto"
    docker_context: str = ""
    theme: str = ""
    language: Annotated[str, Field(pattern=r"^([A-Za-z]{2,3}([-_][A-Za-z0-9]+)*)?$")] = ""
    extensions: bool = True
    ascii: bool = False
    lessons: list[str] = []
    record: Annotated[bool | str, BeforeValidator(_switch_or_folder)] = True
    notices: Literal["brief", "normal", "long", "off"] = "normal"
    facts_only: bool = False
    pane: Literal["timeline", "packets", "log"] = "timeline"
    tutor_width: Annotated[int, Field(ge=NARROWEST_TUTOR, le=WIDEST_TUTOR)] = NARROWEST_TUTOR
    keys: dict[str, str] = {}


def value_problems(values: Mapping[str, Any], source: Source) -> Iterator[Problem]:
    """Yield what is wrong with values, each at its place in a source."""
    try:
        Config.model_validate(dict(values))
    except ValidationError as error:
        yield from validation_problems(source, error.errors(), Config)


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `config.toml`."""
    schema = Config.model_json_schema()
    schema.pop("title", None)
    schema.pop("description", None)
    for key, described in schema["properties"].items():
        setting = BY_KEY[key]
        described.pop("title", None)
        described["description"] = setting.help
        described["default"] = setting.default
        if setting.choices and "enum" not in described:
            described["examples"] = list(setting.all_choices)
    return publish_schema("config", schema)
