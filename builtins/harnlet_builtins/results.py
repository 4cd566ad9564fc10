"""`Result` values and categories of errors. Rules: docs/builtins.md#types-conversion-result,
docs/builtins.md#categories."""

import re

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import EnumValue, err, ok


@builtin("Ok(value)", section="6")
def ok_(value: object = None) -> EnumValue:
    """`Result.Ok(value)`"""
    return ok(value)


@builtin("Err(value)", section="6")
def err_(value: object = None) -> EnumValue:
    """`Result.Err(value)`"""
    return err(value)


def _is(result: object, variant: str) -> bool:
    return type(result) is EnumValue and result.enum == "Result" and result.variant == variant


def _payload(result: EnumValue) -> object:
    return result.fields[0] if result.fields else None


@builtin("is_ok(result)", section="6")
def is_ok(result: object = None) -> bool:
    """Whether it is `Result.Ok`."""
    return _is(result, "Ok")


@builtin("is_err(result)", section="6")
def is_err(result: object = None) -> bool:
    """Whether it is `Result.Err`."""
    return _is(result, "Err")


@builtin("unwrap(result)", section="6")
def unwrap(result: object = None) -> object:
    """The value of `Ok`; a runtime error for `Err`; anything else as it is."""
    if type(result) is EnumValue and result.enum == "Result":
        if result.variant == "Err":
            raise RuntimeFault(f"unwrap called on Err: {display(_payload(result))}")
        return _payload(result)
    return result


@builtin("unwrap_or(result, default)", section="6")
def unwrap_or(result: object = None, default: object = None) -> object:
    """The value of `Ok`, `default` for `Err`; anything else as it is."""
    if type(result) is EnumValue and result.enum == "Result":
        return default if result.variant == "Err" else _payload(result)
    return result


@builtin("unwrap_err(result)", section="6")
def unwrap_err(result: object = None) -> object:
    """The value of `Err`; a runtime error for anything else."""
    if type(result) is EnumValue and _is(result, "Err"):
        return _payload(result)
    raise RuntimeFault("unwrap_err called on non-Err")


# --- categories ---------------------------------------------------------------------------------

CATEGORIES = frozenset(
    {
        "auth",
        "budget_exceeded",
        "cancelled",
        "circuit_open",
        "egress_blocked",
        "generic",
        "not_found",
        "overloaded",
        "rate_limit",
        "schema_validation",
        "server_error",
        "timeout",
        "tool_error",
        "tool_rejected",
        "transient_network",
    }
)
_STATUS = re.compile(r"\b[45][0-9][0-9]\b")
_BY_STATUS = {
    **dict.fromkeys(("401", "403"), "auth"),
    **dict.fromkeys(("404", "410"), "not_found"),
    **dict.fromkeys(("408", "504", "522", "524"), "timeout"),
    "429": "rate_limit",
    **dict.fromkeys(("503", "529"), "overloaded"),
    **dict.fromkeys(("500", "502"), "server_error"),
}
_BY_TEXT = (
    ("Deadline exceeded", "timeout"),
    ("context deadline exceeded", "timeout"),
    ("overloaded_error", "overloaded"),
    ("api_error", "server_error"),
    ("insufficient_quota", "rate_limit"),
    ("billing_hard_limit_reached", "rate_limit"),
    ("invalid_api_key", "auth"),
    ("authentication_error", "auth"),
    ("not_found_error", "not_found"),
    ("model_not_found", "not_found"),
    ("circuit_open", "circuit_open"),
)
_NETWORK = (
    "connection reset",
    "connection refused",
    "connection closed",
    "broken pipe",
    "dns error",
    "stream error",
    "unexpected eof",
)


def category_of_text(text: str) -> str:
    """The category that an error text suggests."""
    for status in _STATUS.findall(text):
        if status in _BY_STATUS:
            return _BY_STATUS[status]
    for part, category in _BY_TEXT:
        if part in text:
            return category
    lower = text.lower()
    return "transient_network" if any(part in lower for part in _NETWORK) else "generic"


def _known(category: object) -> str:
    return category if type(category) is str and category in CATEGORIES else "generic"


def category_of(error: object) -> str:
    """The category of a caught error."""
    if type(error) is dict:
        return _known(error.get("category"))
    return category_of_text(error) if type(error) is str else "generic"


@builtin("error_category(error)", section="3.4")
def error_category(error: object = None) -> str:
    """The category of a caught error: a dict's own, or what its text suggests."""
    return category_of(error)


@builtin("is_timeout(error)", section="3.4")
def is_timeout(error: object = None) -> bool:
    """Whether the category of an error is `timeout`."""
    return category_of(error) == "timeout"


@builtin("is_rate_limited(error)", section="3.4")
def is_rate_limited(error: object = None) -> bool:
    """Whether the category of an error is `rate_limit`."""
    return category_of(error) == "rate_limit"


@builtin('throw_error(message, category = "generic")', section="3.4")
def throw_error(message: object = "", category: object = "generic") -> None:
    """Throws `{category, message}`."""
    raise Thrown({"category": _known(category), "message": display(message)})
