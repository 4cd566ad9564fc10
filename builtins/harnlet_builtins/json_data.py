"""JSON: `json_stringify`, `json_parse`, `json_extract`. Rules: docs/builtins.md#data-formats."""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.json_writer import stringify


@builtin("json_stringify(value)", section="10.1")
def json_stringify(value: object = None) -> str:
    """Compact JSON with sorted keys; `null` for what JSON has no form for."""
    return stringify(value)


@builtin("json_parse(text)", section="10.1")
def json_parse(text: object = "") -> object:
    """The value of a JSON text; an int that does not fit 64 bits becomes a float."""
    from harnlet_builtins.json_reader import JsonError, parse

    try:
        return parse(display(text))
    except JsonError as error:
        raise Thrown(f"JSON parse error: {error}") from None


@builtin("json_extract(text, key?)", section="10.1")
def json_extract(text: object = "", key: object = None) -> object:
    """The JSON that a text holds in a fenced block, in braces or in brackets; or one key of it."""
    from harnlet_builtins.json_prose import json_part
    from harnlet_builtins.json_reader import JsonError, parse

    try:
        value = parse(json_part(display(text)))
    except JsonError as error:
        raise Thrown(f"json_extract: failed to parse JSON: {error}") from None
    if key is None:
        return value
    if type(value) is not dict:
        raise Thrown("json_extract: parsed value is not a dict, cannot extract key")
    name = display(key)
    if name not in value:
        raise Thrown(f"json_extract: key '{name}' not found")
    return value[name]
