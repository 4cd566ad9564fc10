"""Which values count as lists and which as objects, where values become data of another format."""

from harnlet.runtime.values import Set, StructValue


def elements_of(value: object) -> list[object] | None:
    """The elements of a list or a set; None for anything else."""
    if type(value) is list:
        return value
    return [*value.entries.values()] if type(value) is Set else None


def fields_of(value: object) -> dict[str, object] | None:
    """The fields of a dict or a struct; None for anything else."""
    if type(value) is dict:
        return value
    return value.fields if isinstance(value, StructValue) else None
