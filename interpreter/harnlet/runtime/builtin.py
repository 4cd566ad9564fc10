"""Builtin functions: declared once, read by calls, docs, `:doc`, completion and the checker.

    @builtin("len(value)", section="6")
    def len_(value: object = None) -> object:
        \"\"\"How many elements or characters.\"\"\"

A builtin is also a value: scripts pass it around, call it, compare it by name. Rules:
docs/language.md#built-ins-as-callbacks, docs/builtins.md#how-to-read-this-document.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from random import Random
from types import ModuleType
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, TypeVar, final

from harnlet.errors.faults import Fault, RuntimeFault
from harnlet.runtime.console import Console, SilentConsole
from harnlet.runtime.signature import Parameter, most_arguments, parse_signature
from harnlet.runtime.values import TYPE_NAMES, CallableValue, Handle, StructValue

Effect: TypeAlias = Literal["pure", "suspends", "system"]
"""What a call may do besides computing: nothing, wait, or reach the world outside the interpreter."""

_State = TypeVar("_State")
_OURS = frozenset({"harnlet", "harnlet_builtins", "harnlet_plugins"})
_PLAIN = frozenset({type(None), bool, int, float, str})


class Clock(Protocol):
    """Where builtins get the time from; all in milliseconds."""

    def monotonic_ms(self) -> float:
        """Milliseconds since some fixed moment; never goes back."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""

    async def sleep(self, delay_ms: float) -> None:
        """Suspend the current task for `delay_ms` milliseconds."""


class Context(Protocol):
    """What builtins with `context=True` need of the interpreter that calls them."""

    @property
    def clock(self) -> Clock:
        """The time of the run."""

    def wait(self, awaitable: Awaitable[Any], /) -> Any:
        """The result of `awaitable`; only the current task waits."""

    def write(self, text: str, /) -> None:
        """Append to the output of the current task."""

    def state(self, factory: Callable[[], _State], /) -> _State:
        """The state that a family of builtins keeps for this interpreter: made by `factory` on first
        use, the same object for the same factory ever after. An embedder replaces `console_of_run`,
        `random_of_run` and `tasks_of_run` by putting another object there first."""


def random_of_run() -> Random:
    """The run's source of random numbers: seeded by the system, unless the embedder put another one
    (seeded, for repeatable runs) into the run's states."""
    return Random()


def console_of_run() -> Console:
    """The run's console: a silent one, unless the embedder put another one into the run's states."""
    return SilentConsole()


Tasks: TypeAlias = Callable[[Callable[[], object]], Awaitable[object]]
"""Calls a function, which may wait, in a task of its own: gives what is awaited for its result."""


def tasks_of_run() -> Tasks:
    """How builtins start tasks: one after the other, at once, unless the scheduler put something
    better into the run's states."""
    return _at_once


def _at_once(function: Callable[[], object]) -> Awaitable[object]:
    done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    try:
        done.set_result(function())
    except Fault as fault:
        done.set_exception(fault)
    return done


@final
class Builtin(CallableValue):
    """A builtin function and its declaration.

    `function` takes the script's arguments, at most `most` of them; those that need a run do so
    only once they are bound. `parameters` never contains the context.
    """

    __slots__ = (
        "context",
        "doc",
        "effect",
        "function",
        "most",
        "name",
        "needs_run",
        "parameters",
        "section",
        "signature",
    )
    type_name: ClassVar[str] = "builtin"

    def __init__(
        self,
        name: str,
        signature: str,
        parameters: tuple[Parameter, ...],
        doc: str,
        effect: Effect,
        section: str,
        context: bool,
        function: Callable[..., object],
        needs_run: bool,
    ) -> None:
        self.name = name
        self.signature = signature
        self.parameters = parameters
        self.doc = doc
        self.effect: Effect = effect
        self.section = section
        self.context = context
        self.function = function
        self.needs_run = needs_run
        self.most = most_arguments(parameters)

    def __call__(self, *args: object) -> object:
        if self.needs_run:
            raise RuntimeFault(f"{self.name} can only be called in a run")
        return self.function(*(args if len(args) <= self.most else args[: self.most]))

    def plain(self, count: int) -> Callable[..., object]:
        return self.function if count <= self.most and not self.needs_run else self

    def bind(self, rt: Context) -> "Builtin":
        """This builtin for one run: gives it the context it asks for and waits for what it awaits. What a
        stranger's gives is looked at: a mistake there must not hand an object of Python's to a script."""
        ours = getattr(self.function, "__module__", "").partition(".")[0] in _OURS
        if ours and not self.needs_run:
            return self
        function: Callable[..., Any] = partial(self.function, rt) if self.context else self.function
        if inspect.iscoroutinefunction(self.function):
            function = _waiting(rt, function)
        if not ours:
            function = _checked(self.name, function)
        return Builtin(
            self.name,
            self.signature,
            self.parameters,
            self.doc,
            self.effect,
            self.section,
            False,
            function,
            False,
        )

    def display(self) -> str:
        return f"<builtin {self.name}>"

    def same_as(self, other: object) -> bool:
        return isinstance(other, Builtin) and other.name == self.name

    def __repr__(self) -> str:
        return f"<Builtin {self.signature}>"


def _waiting(rt: Context, function: Callable[..., Any]) -> Callable[..., object]:
    def wait_for(*args: object) -> object:
        # Not bound early: the scheduler may replace `wait`.
        return rt.wait(function(*args))

    return wait_for


def _checked(name: str, function: Callable[..., Any]) -> Callable[..., object]:
    def call(*args: object) -> object:
        value = function(*args)
        if type(value) not in _PLAIN:
            _require_script_value(name, value)
        return value

    return call


def _require_script_value(name: str, value: object) -> None:
    """Raises HostFault, which embedders see as a HostCallError."""
    waiting, seen = [value], set()
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind in _PLAIN or id(item) in seen:
            continue
        inner: Iterable[object] = ()
        if kind is list:
            inner = item  # type: ignore[assignment]
        elif kind is dict:
            inner = (*item, *item.values())  # type: ignore[misc, attr-defined]
        if inner:
            seen.add(id(item))
            if not _PLAIN.issuperset(map(type, inner)):
                waiting.extend(inner)
        elif kind not in TYPE_NAMES and not isinstance(item, StructValue | Handle):
            from harnlet.runtime.faulting import HostFault

            raise HostFault(f"{name} gave a Python object of type {kind.__name__}, which is no script value")


def builtin(
    signature: str, *, section: str, effect: Effect = "pure", context: bool = False
) -> Callable[[Callable[..., object]], Builtin]:
    """Declare a function as a builtin.

    `signature` is its name and parameters as scripts see them (`name?`, `name = default`, `...rest`);
    `section` is the section of docs/builtins.md with its rule. With `context` the function gets the
    run's `Context` first. The function has a Python default for each parameter; it may be `async`,
    and then its effect is "suspends" or "system". Raises ValueError where function and signature
    disagree.
    """
    name, parameters = parse_signature(signature)

    def declare(function: Callable[..., object]) -> Builtin:
        waits = inspect.iscoroutinefunction(function)
        if waits and effect == "pure":
            raise ValueError(f"{name}: an async builtin is not pure")
        _check_function(name, parameters, context, function)
        doc = inspect.cleandoc(function.__doc__ or "")
        return Builtin(name, signature, parameters, doc, effect, section, context, function, context or waits)

    return declare


def _check_function(
    name: str, parameters: tuple[Parameter, ...], context: bool, function: Callable[..., object]
) -> None:
    code = getattr(function, "__code__", None)
    if code is None:
        raise ValueError(f"{name}: a builtin is a plain function")
    variadic = bool(parameters) and parameters[-1].kind == "rest"
    counted = len(parameters) - variadic
    if code.co_argcount - context != counted or bool(code.co_flags & inspect.CO_VARARGS) != variadic:
        raise ValueError(f"{name}: the function's parameters are not those of the signature")
    if len(getattr(function, "__defaults__", None) or ()) < counted:
        raise ValueError(f"{name}: each parameter needs a default, since arguments may be missing")


def collect(module: ModuleType) -> list[Builtin]:
    """The builtins that `module` declares, in order of declaration."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, Builtin) and value.function.__module__ == module.__name__
    ]


def namespaces(builtins: Iterable[Builtin]) -> dict[str, dict[str, object]]:
    """The dicts that dotted names stand for: `stream.map` is the builtin `map` of the dict `stream`,
    whose `_namespace` says its name (docs/builtins.md#globals-that-are-values)."""
    found: dict[str, dict[str, object]] = {}
    for each in builtins:
        space, dot, name = each.name.partition(".")
        if dot:
            found.setdefault(space, {"_namespace": space})[name] = each
    return found
