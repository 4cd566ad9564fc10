"""What a hostile script tries, and all that came out of it."""

import re
from typing import Any, ClassVar

from harnlet import HarnletError, InternalError, Interpreter, Limits, hookimpl, tool
from harnlet.runtime.builtin import builtin
from harnlet.runtime.values import Handle

CANARY = "canary-4711-secret"
"""In the environment, in files, in attributes and variables of the host. No script may get hold of it."""

LIMITS = Limits(seconds=20, output_bytes=1_000_000)
_INSIDE = re.compile(r"<class |<module |<frame|<code |<built-in|<bound method|<function |object at 0x|Traceback")


class Guarded(Handle):
    """A value of a plugin with host attributes that nothing but the host may ask for."""

    type_name = "guarded"
    secret = CANARY
    asked: ClassVar[list[str]] = []

    def __getattribute__(self, name: str) -> Any:
        if name == "secret":
            Guarded.asked.append(name)
        return super().__getattribute__(name)

    def display(self) -> str:
        return "<guarded>"

    def same_as(self, other: object) -> bool:
        return self is other


class Plugin:
    """Gives scripts a handle, and a builtin whose errors hold host objects."""

    secret = CANARY

    @hookimpl
    def harnlet_stdlib_modules(self) -> list[Any]:
        @builtin("guarded()", section="6")
        def guarded() -> object:
            """A handle."""
            return Guarded()

        @builtin("failing()", section="6", effect="system")
        def failing() -> object:
            """Raises an error that holds an object with the canary."""
            raise AttributeError("no such thing", name="missing", obj=self)

        return [guarded, failing]


@tool
async def helper(text: str = "") -> dict[str, Any]:
    """A tool of the host."""
    hidden = CANARY
    return {"text": text, "length": len(hidden)}


def interpreter(**options: Any) -> Interpreter:
    """An interpreter with things to steal around it."""
    given: dict[str, Any] = {
        "plugins": ["harnlet_plugins.tool_calls", Plugin()],
        "tools": [helper],
        "limits": LIMITS,
    }
    return Interpreter(**{**given, **options})


def attempt(source: str, **options: Any) -> str:
    """Run a script; all that it printed, gave, and left in errors. Fails when that shows the host's inside."""
    printed: list[str] = []
    harn = interpreter(output=printed.append, **options)
    end: Any
    try:
        end = harn.run_sync(source, filename="attack.harn")
    except InternalError:
        raise
    except HarnletError as error:
        end = f"{error.render()}\n{getattr(error, 'value', '')!r}"
    seen = "".join(printed) + (end if isinstance(end, str) else repr(end))
    assert_nothing_leaked(seen)
    assert harn.run_sync("return 6 * 7") == 42
    return seen


def assert_nothing_leaked(seen: str) -> None:
    """No canary, and no display of a Python object."""
    assert CANARY not in seen
    found = _INSIDE.search(seen)
    assert found is None, f"{found} in {seen[:2000]}"
