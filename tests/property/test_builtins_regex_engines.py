"""The three regex engines against each other, and against Python's `re` (docs/builtins.md#regex)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from harnlet.runtime.regex.classes import LAST, folded, has, intersected, inverted, merged
from harnlet.runtime.regex.engines import Compiled, _PythonSearch, _Re2Search, _SimulatedSearch, matches
from harnlet.runtime.regex.parser import Flags
from harnlet.runtime.regex.tree import Node, Repeat, can_be_empty, children

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "é",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\W",
        r"\s",
        r"\d",
        "^",
        "$",
        r"\b",
        r"\B",
        "",
        "(?i:A)",
        "(?m:^)",
        "(?m:$)",
    ]
)
TEXTS = st.text(st.sampled_from("abAé1 \n"), max_size=8)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger patterns from smaller ones."""
    suffixes = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}"])
    return (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
        | inner.map(lambda part: f"({part})")
        | st.tuples(inner, suffixes).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
    )


PATTERNS = st.recursive(ATOMS, grown, max_leaves=6)


def has_empty_loop(node: Node) -> bool:
    """A part that can be empty, repeated: which of its groups took part is each engine's own matter."""
    own = isinstance(node, Repeat) and can_be_empty(node.inner)
    return own or any(map(has_empty_loop, children(node)))


def results(search: Any, piece: Callable[[int, int], str]) -> list[list[str | None]]:
    """All matches with their groups, as texts."""
    return [
        [None if start < 0 else piece(start, end) for start, end in zip(slots[::2], slots[1::2], strict=True)]
        for slots in matches(search)
    ]


def found_by(engine: str, compiled: Compiled, text: str) -> list[list[str | None]]:
    search: Any
    if engine == "re":
        search = _PythonSearch(compiled.python, text)
    elif engine == "simulation":
        search = _SimulatedSearch(compiled.program, text)
    else:
        search = _Re2Search(compiled.re2, text.encode())
    return results(search, search.piece)


@settings(deadline=None)
@given(PATTERNS, TEXTS)
@example("(?:a|ab)(?:c|bcd)(?:d*)", "abcd")
@example("(?:(a)|b)*", "ab")
@example(r"\b(?:é|a)+\B", "éa é")
@example(r"\B", "")
def test_the_engines_agree(pattern: str, text: str) -> None:
    compiled = Compiled(pattern, Flags(), text.isascii())
    assume(not has_empty_loop(compiled.pattern.root))
    first = found_by("simulation", compiled, text)
    assert found_by("re", compiled, text) == first
    if compiled.re2 is not None:
        assert found_by("re2", compiled, text) == first


@settings(deadline=None)
@given(PATTERNS, TEXTS)
def test_trees_for_ascii_are_right_for_ascii(pattern: str, text: str) -> None:
    assume(text.isascii())
    narrow, wide = Compiled(pattern, Flags(i=True), True), Compiled(pattern, Flags(i=True), False)
    assume(not has_empty_loop(narrow.pattern.root))
    assert found_by("simulation", narrow, text) == found_by("simulation", wide, text)


@settings(deadline=None)
@given(PATTERNS, TEXTS)
def test_python_finds_the_same_first_match(pattern: str, text: str) -> None:
    compiled = Compiled(pattern, Flags(), text.isascii())
    assume(not has_empty_loop(compiled.pattern.root))
    # Until 3.14 `\\B` does not hold in the empty string.
    assume(text or "\\B" not in pattern)
    # Python's `$` also stands before a newline at the end; its `\Z` is our `$`.
    theirs = pattern.replace("(?m:$)", "\0").replace("$", r"\Z").replace("\0", "(?m:$)")
    search = re.search(theirs, text)
    ours = found_by("simulation", compiled, text)
    assert (ours[0] if ours else None) == (None if search is None else [search[0], *search.groups()])


@settings(deadline=None)
@given(PATTERNS, st.text(st.sampled_from("ab"), max_size=6), st.integers(1, 40))
def test_costs_are_never_negative_and_grow(pattern: str, text: str, times: int) -> None:
    cost = Compiled(pattern, Flags(), True).cost
    assert 1 <= cost(text) <= cost(text * times) <= 1e18


RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=5).map(
    lambda pairs: merged((low, low + length) for low, length in pairs)
)


@settings(deadline=None)
@given(RANGES, RANGES, st.integers(0, 60))
def test_sets(first: Any, second: Any, code: int) -> None:
    assert has(merged([*first, *second]), code) is (has(first, code) or has(second, code))
    assert has(intersected(first, second), code) is (has(first, code) and has(second, code))
    assert has(inverted(first), code) is (not has(first, code))
    assert inverted(inverted(first)) == first
    assert merged([*first, *inverted(first)]) == ((0, LAST),)


@settings(deadline=None)
@given(st.characters(exclude_categories=["Cs"], max_codepoint=0x1FFFF))
def test_letter_case(character: str) -> None:
    code = ord(character)
    both = folded(((code, code),), False)
    assert has(both, code)
    # Each form has all the others as its forms.
    for low, high in both:
        for other in range(low, high + 1):
            assert folded(((other, other),), False) == both


@settings(deadline=None)
@given(st.characters(exclude_categories=["Cs"], max_codepoint=0x1FFFF))
def test_sets_by_name_are_those_of_re2(character: str) -> None:
    re2 = pytest.importorskip("re2")
    for name in ("L", "Lu", "Nd", "P", "Greek", "Han", "Latin"):
        ours = Compiled(rf"\p{{{name}}}", Flags(), False)
        wanted = re2.search(rf"\p{{{name}}}", character) is not None
        assert (found_by("simulation", ours, character) != []) is wanted
