"""YAML: `yaml_parse`, `yaml_stringify`; they need the extra `yaml`. Rules: docs/builtins.md#data-formats.

ruamel-yaml reads texts to nodes and writes nodes to text; what values nodes stand for is decided by us, by
the core schema of YAML 1.2 and nothing else.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display

_Result = TypeVar("_Result")

_SHORT = 2_000
"""Characters, or values, that are done with in some hundredths of a second. Longer texts are read and
written in a thread, since ruamel-yaml takes half a minute for a megabyte."""


@builtin("yaml_parse(text)", section="10.1", effect="suspends")
async def yaml_parse(text: object = "") -> object:
    """The value of a YAML document; needs the extra `yaml`."""
    from harnlet_builtins.yaml_reader import YamlError, parse_yaml

    source = display(text)
    try:
        return await _apart(parse_yaml, source, len(source))
    except YamlError as error:
        raise Thrown(f"YAML parse error: {error}") from None


@builtin("yaml_stringify(value)", section="10.1", effect="suspends")
async def yaml_stringify(value: object = None) -> str:
    """A value as YAML, in block style with sorted keys; needs the extra `yaml`."""
    from harnlet_builtins.yaml_writer import count_values, write_yaml

    return await _apart(write_yaml, value, count_values(value))


async def _apart(work: Callable[[Any], _Result], argument: object, size: int) -> _Result:
    """What `work` returns; for large arguments in a thread."""
    if size <= _SHORT:
        return work(argument)
    return await asyncio.to_thread(work, argument)
