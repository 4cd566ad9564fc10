"""A small share of what `scripts/fuzz.py` does a million times."""

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harnlet.errors.hierarchy import HarnletError
from harnlet.host.worker_errors import decode_error, decode_fault, encode_fault
from harnlet.host.worker_wire import HEADER_BYTES, WireError, decode, encode, length_of, pack, unpack
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals
from harnlet.runtime.values import Duration, EnumValue, Pair, Range
from harnlet.syntax.nodes import File
from harnlet.syntax.printer import print_file
from property.syntax_programs import files

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def _script(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    _script("fuzz_inputs")
    return _script("fuzz")


@pytest.mark.parametrize("part", range(2))
async def test_texts_of_the_fuzzer(fuzz: ModuleType, part: int) -> None:
    inputs, jury = fuzz.inputs_of(part), fuzz.Jury()
    for number in range(60):
        source = inputs.make(number)
        assert await jury.try_input(source) is None, source
    await jury.aclose()


async def test_the_jury_sees_what_is_wrong(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    from harnlet.runtime import operators

    monkeypatch.setattr(operators, "repeat", len)  # which takes one argument
    found = await fuzz.Jury().try_input('fn f(a) { return a * 3 }\nf("x")')
    assert found is not None
    assert found.startswith("TypeError at operators.py")


# --- programs from the grammar ------------------------------------------------------------------------


@settings(QUIET, max_examples=40)
@given(files)
def test_programs_from_the_grammar(file: File) -> None:
    jury = (sys.modules.get("fuzz") or (_script("fuzz_inputs"), _script("fuzz"))[1]).Jury()
    text = print_file(file)

    async def run() -> object:
        try:
            return await jury.try_input(text)
        finally:
            await jury.aclose()

    assert asyncio.run(run()) is None, text


# --- frames of a worker that cannot be trusted ---------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.builds(
            lambda tag, of: {"$": tag, "of": of},
            st.sampled_from(["int", "float", "dict", "bytes", "duration", "range", "pair", "set", "enum", "x"]),
            inner,
        )
    ),
    max_leaves=20,
)


@QUIET
@given(json_values)
def test_whatever_a_worker_sends_is_a_value_or_refused(data: object) -> None:
    try:
        value = decode(data)
    except WireError:
        return
    display(value)


@QUIET
@given(st.binary(max_size=60))
def test_bytes_that_are_no_message(body: bytes) -> None:
    with pytest.raises(WireError):
        unpack(b"\xff" + body)
    if len(body) >= HEADER_BYTES and body[0]:
        with pytest.raises(WireError):
            length_of(b"\x7f" + body[1:HEADER_BYTES])


@QUIET
@given(
    st.fixed_dictionaries(
        {"error": st.sampled_from(["ScriptError", "LimitError", "SourceError", "InternalError", "Exception"])},
        optional=dict.fromkeys(("message", "diagnostics", "value", "limit", "used", "cap", "cause"), json_values),
    )
)
def test_errors_that_a_worker_makes_up(data: dict[str, object]) -> None:
    try:
        error = decode_error(data, {})
    except WireError:
        return
    assert isinstance(error, HarnletError)
    error.render()


script_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.builds(Duration, st.integers(-(2**70), 2**70))
    | st.builds(Range, st.integers(), st.integers(), st.booleans()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.just("$"), inner, max_size=4)
        | st.builds(Pair, inner, inner)
        | st.builds(EnumValue, st.text(max_size=3), st.text(max_size=3), st.lists(inner, max_size=3))
    ),
    max_leaves=20,
)


@QUIET
@given(script_values)
def test_values_travel_unchanged(value: object) -> None:
    frame = pack({"value": encode(value)})
    assert length_of(frame[:HEADER_BYTES]) == len(frame) - HEADER_BYTES
    arrived = decode(unpack(frame[HEADER_BYTES:])["value"])
    assert equals(arrived, value)
    assert display(arrived) == display(value)


def test_faults_travel() -> None:
    from harnlet.errors.faults import CategorisedFault, DivisionFault, RuntimeFault, Thrown, TypeFault

    for fault in (
        Thrown({"a": [1]}),
        TypeFault("t"),
        RuntimeFault("r"),
        DivisionFault(),
        CategorisedFault("rate_limit", "slow down"),
    ):
        arrived = decode_fault(encode_fault(fault, 1))
        assert arrived.caught() == fault.caught()
        if not isinstance(fault, Thrown):
            assert arrived.uncaught(3) == fault.uncaught(3)
