"""Patterns with stars against Python's regular expressions (docs/builtins.md#http-mocks)."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from harnlet_builtins.star_patterns import path_matcher, star_matcher

TEXTS = st.text("ab/", max_size=10)
PATTERNS = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "."]), max_size=8).map("".join)
MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@settings(deadline=None)
@given(PATTERNS, TEXTS)
def test_any_text(pattern: str, text: str) -> None:
    wanted = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
    assert star_matcher(pattern)(text) is (wanted.fullmatch(text) is not None)


@settings(deadline=None)
@given(PATTERNS, TEXTS)
def test_paths(pattern: str, text: str) -> None:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    wanted = re.compile("".join(MEANING.get(part, re.escape(part)) for part in parts), re.DOTALL)
    assert path_matcher(pattern)(text) is (wanted.fullmatch(text) is not None)


def test_many_stars_take_no_time() -> None:
    """With backtracking the end of the world would come first."""
    text = "a" * 20_000
    assert star_matcher("*a" * 40 + "*b")(text) is False
    assert path_matcher("**a" * 20 + "b")(text[:2_000]) is False
