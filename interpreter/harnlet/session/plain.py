"""Plain data: what goes into transcripts, results and records (JSON's shapes, keys as text)."""

import json
from collections.abc import Mapping
from typing import Any

PlainDict = dict[str, Any]
"""A dict of plain data."""


def plain_copy(value: Any) -> Any:
    """A deep copy of the containers of `value`; leaves are shared, tuples and sets become lists.

    Much cheaper than `copy.deepcopy`, which keeps a memo that data without cycles does not need.
    """
    kind = type(value)
    if kind is str or kind is int or kind is float or kind is bool or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain_copy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain_copy(item) for item in value]
    return value


def plain_text(value: Any) -> str:
    """`value` as the text a model reads: a string as it is, nothing for nil, else compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str)
