"""Declaring builtins: signatures, binding, lenient calls (docs/builtins.md#how-to-read-this-document)."""

import asyncio
import re
from collections import Counter
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import pytest

import harnlet_builtins
from embed.values_support import BUILTINS, FakeRun, RuntimeFault, call_method, display, fails, in_run
from harnlet.runtime.builtin import Builtin, Context, builtin, collect
from harnlet.runtime.console import SilentConsole
from harnlet.runtime.faulting import HostFault
from harnlet.runtime.signature import UNLIMITED, Parameter, parse_signature
from harnlet_builtins import conversion, families


@builtin('sample(a, b?, c = "x, y")', section="0")
def sample(a: object = None, b: object = None, c: object = "x, y") -> object:
    """First line.

    More.
    """
    return [a, b, c]


@builtin("gather(first, ...rest)", section="0")
def gather(first: object = None, *rest: object) -> object:
    """All of them."""
    return [first, *rest]


@builtin("shout(text)", section="0", context=True)
def shout(rt: Context, text: object = "") -> None:
    """Writes a text."""
    rt.write(f"{text}!")


@builtin("later(value)", section="0", effect="suspends")
async def later(value: object = None) -> object:
    """The value, a moment later."""
    await asyncio.sleep(0)
    return value


def test_what_is_declared() -> None:
    assert (sample.name, sample.section, sample.effect) == ("sample", "0", "pure")
    assert sample.parameters == (
        Parameter("a"),
        Parameter("b", "optional"),
        Parameter("c", "optional", '"x, y"'),
    )
    assert sample.doc == "First line.\n\nMore."
    assert sample.most == 3
    assert gather.parameters[-1] == Parameter("rest", "rest")
    assert gather.most == UNLIMITED
    assert shout.parameters == (Parameter("text"),)


def test_calls_take_any_number_of_arguments() -> None:
    assert sample() == [None, None, "x, y"]
    assert sample(1, 2, 3, 4, 5) == [1, 2, 3]
    assert gather(1, 2, 3) == [1, 2, 3]
    assert call_method([1, 2], "map", sample) == [[1, None, "x, y"], [2, None, "x, y"]]
    assert call_method([1, 2], "reduce", 0, gather) == [[0, 1], 2]


def test_a_callback_that_takes_fewer_arguments_ignores_the_rest() -> None:
    @builtin("none()", section="0")
    def none() -> object:
        """Five."""
        return 5

    assert call_method([1, 2], "map", none) == [5, 5]
    assert call_method([1, 2], "reduce", 0, sample.bind(FakeRun())) == [[0, 1, "x, y"], 2, "x, y"]


def test_those_that_need_a_run_are_bound_to_it() -> None:
    run, other = FakeRun(), FakeRun()
    bound = shout.bind(run)
    bound("a", "surplus")
    bound.function("b")
    call_method(["c"], "map", bound)
    shout.bind(other)("d")
    assert (run.output, other.output) == ("a!b!c!", "d!")
    assert display(bound) == "<builtin shout>"
    fails(RuntimeFault, "shout can only be called in a run", shout, "x")
    fails(RuntimeFault, "shout can only be called in a run", call_method, ["x"], "map", shout)
    assert bound.bind(other) is bound


def test_ours_are_bound_as_they_are_and_those_of_others_are_looked_at() -> None:
    run = FakeRun()
    ours = next(each for each in collect(conversion) if not each.needs_run)
    assert ours.bind(run) is ours
    given: list[object] = [1, {"a": [None, "x"]}, 2.5]
    assert declare("give(value)", lambda value=None: value).bind(run).function(given) is given
    leak = declare("leak()", lambda: [1, {"a": [open]}]).bind(run)
    what = "leak gave a Python object of type builtin_function_or_method, which is no script value"
    fails(HostFault, what, leak)


def test_async_ones_are_waited_for() -> None:
    run = FakeRun()
    bound = later.bind(run)
    assert asyncio.run(in_run(lambda: call_method([1, 2], "map", bound))) == [1, 2]
    fails(RuntimeFault, "later can only be called in a run", later, 1)


def declare(signature: str, function: Any, **options: Any) -> Builtin:
    return builtin(signature, section="0", **options)(function)


def test_function_and_signature_must_agree() -> None:
    def one(a: object = None) -> None: ...
    def strict(a: object) -> None: ...
    def rest(*a: object) -> None: ...
    async def waits(a: object = None) -> None: ...

    for signature, function, options, text in [
        ("f(a, b)", one, {}, "the function's parameters are not those of the signature"),
        ("f(...a)", one, {}, "the function's parameters are not those of the signature"),
        ("f(a)", rest, {}, "the function's parameters are not those of the signature"),
        ("f(a)", one, {"context": True}, "the function's parameters are not those of the signature"),
        ("f(a)", strict, {}, "each parameter needs a default"),
        ("f(a)", waits, {}, "an async builtin is not pure"),
        ("f(a)", len, {}, "a builtin is a plain function"),
    ]:
        with pytest.raises(ValueError, match=re.escape(text)):
            declare(signature, function, **options)
    assert declare("f()", one, context=True).most == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f", "malformed signature"),
        ("f(", "malformed signature"),
        ("(a)", "malformed signature"),
        ("f(a b)", "malformed parameter"),
        ("f(a,)", "malformed parameter"),
        ("f(...a, b)", "a rest parameter must be the last one"),
    ],
)
def test_malformed_signatures(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_signature(text)


def test_collect_takes_what_a_module_declares_itself() -> None:
    module = ModuleType(__name__)
    module.__dict__.update(sample=sample, other=BUILTINS["len"], number=5, gather=gather)
    assert collect(module) == [sample, gather]


def test_every_builtin_is_documented_and_belongs_to_a_section() -> None:
    for each in BUILTINS.values():
        assert each.doc.strip(), each
        assert re.fullmatch(r"\d+(\.\d+)?", each.section), each
        assert each.signature.startswith(each.name + "("), each
        assert repr(each) == f"<Builtin {each.signature}>"


def test_no_name_is_declared_twice() -> None:
    declared = Counter(each.name for each in families.every_builtin())
    assert [name for name, times in declared.items() if times > 1] == []


def test_the_index_is_up_to_date() -> None:
    """`python -m harnlet_builtins.families` makes it anew."""
    assert families.INDEX.read_text(encoding="utf-8") == families.render()


def test_every_module_that_declares_builtins_is_a_family() -> None:
    found = set()
    for info in iter_modules(harnlet_builtins.__path__):
        module = import_module(f"harnlet_builtins.{info.name}")
        if collect(module):
            found.add(info.name)
    assert found == set(families.FAMILIES)


def test_the_silent_console() -> None:
    console = SilentConsole()
    console.write_error("x")
    assert not console.is_terminal("stdin")
    assert console.environment("NO_COLOR") is None
    assert asyncio.run(console.read_line()) is None
    assert asyncio.run(console.read_rest()) == ""
