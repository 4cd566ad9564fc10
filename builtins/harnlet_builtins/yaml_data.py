"""YAML: `yaml_parse`, `yaml_stringify`; they need the extra `yaml`. Rules: docs/builtins.md#data-formats.

ruamel-yaml reads texts to nodes and writes nodes to text; what values nodes stand for is decided by us, by
the core schema of YAML 1.2 and nothing else.
"""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display


@builtin("yaml_parse(text)", section="10.1")
def yaml_parse(text: object = "") -> object:
    """The value of a YAML document; needs the extra `yaml`."""
    from harnlet_builtins.yaml_reader import YamlError, parse_yaml

    try:
        return parse_yaml(display(text))
    except YamlError as error:
        raise Thrown(f"YAML parse error: {error}") from None


@builtin("yaml_stringify(value)", section="10.1")
def yaml_stringify(value: object = None) -> str:
    """A value as YAML, in block style with sorted keys; needs the extra `yaml`."""
    from harnlet_builtins.yaml_writer import write_yaml

    return write_yaml(value)
