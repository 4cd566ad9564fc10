"""Signatures of builtins and methods: `random_int(rng?, min, max = 10, ...rest)`."""

from dataclasses import dataclass
from typing import Literal

UNLIMITED = 1 << 30
"""The most arguments of what takes a rest parameter."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter; `default` is its text in the signature."""

    name: str
    kind: Literal["required", "optional", "rest"] = "required"
    default: str | None = None


def parse_signature(text: str) -> tuple[str, tuple[Parameter, ...]]:
    """The name and the parameters of a signature. Raises ValueError for a malformed one."""
    name, opening, rest = text.partition("(")
    if not opening or not rest.endswith(")") or not name.strip():
        raise ValueError(f"malformed signature: {text}")
    inside = rest[:-1].strip()
    parameters = tuple(_parameter(part.strip(), text) for part in _split(inside)) if inside else ()
    if any(parameter.kind == "rest" for parameter in parameters[:-1]):
        raise ValueError(f"a rest parameter must be the last one: {text}")
    return name.strip(), parameters


def most_arguments(parameters: tuple[Parameter, ...]) -> int:
    """The most arguments that a call can use."""
    if parameters and parameters[-1].kind == "rest":
        return UNLIMITED
    return len(parameters)


def _split(text: str) -> list[str]:
    """The parts between commas that are in no quotes."""
    parts = [""]
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        if character == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _parameter(text: str, signature: str) -> Parameter:
    name, equals, default = text.partition("=")
    name = name.strip()
    if name.startswith("..."):
        return Parameter(_identifier(name[3:], signature), "rest")
    if equals:
        return Parameter(_identifier(name, signature), "optional", default.strip())
    if name.endswith("?"):
        return Parameter(_identifier(name[:-1], signature), "optional")
    return Parameter(_identifier(name, signature))


def _identifier(name: str, signature: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"malformed parameter {name!r} in signature: {signature}")
    return name
