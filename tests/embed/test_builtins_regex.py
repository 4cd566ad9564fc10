"""Regular expressions, by all three engines (docs/builtins.md#regex)."""

from collections.abc import Iterator
from typing import Any

import pytest

from embed.builtins_support import RuntimeFault, Thrown, call, display, problem
from harnlet.runtime.regex import engines as regex_engines
from harnlet.runtime.regex import simulation as regex_simulation
from harnlet.runtime.regex.cost import cost_of
from harnlet.runtime.regex.parser import Flags, parse_pattern

ENGINES = ("re2", "re", "simulation")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every test of results runs with each engine."""
    use(request.param, monkeypatch)
    yield request.param
    regex_engines._compiled.cache_clear()


def use(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have patterns searched by one engine."""
    if engine == "re2":
        pytest.importorskip("re2")
    else:
        monkeypatch.setattr(regex_engines, "_re2_module", lambda: None)
        steps = 0.0 if engine == "re" else 1e30
        monkeypatch.setattr(regex_engines, "cost_of", lambda root: lambda text: steps)
    regex_engines._compiled.cache_clear()


def found(pattern: str, text: str, flags: object = None) -> Any:
    return call("regex_match", pattern, text, flags)


@pytest.mark.usefixtures("engine")
class TestMatching:
    """What a pattern finds."""

    @pytest.mark.parametrize(
        ("pattern", "text", "matches"),
        [
            ("a+", "caaat aa", ["aaa", "aa"]),
            ("x", "abc", None),
            ("", "ab", ["", "", ""]),
            ("", "", [""]),
            ("x*", "axb", ["", "x", ""]),
            ("|a", "a", ["", ""]),
            ("a|ab", "ab", ["a"]),
            ("(?:a|ab)(?:c|bcd)", "abcd", ["abcd"]),
            ("a+?", "aaa", ["a", "a", "a"]),
            ("a{2,3}", "aaaaa", ["aaa", "aa"]),
            ("a{2,3}?", "aaaaa", ["aa", "aa"]),
            ("a{2}", "aaaaa", ["aa", "aa"]),
            ("a{,2}b", "aaab", ["aab"]),
            ("(?:ab){2,}", "abababx", ["ababab"]),
            ("a**", "aa", ["aa"]),
            ("(a*)*", "b", ["", ""]),
            ("^a$", "a\na", None),
            ("(?m)^a$", "a\na", ["a", "a"]),
            ("^", "a\nb", [""]),
            ("$", "a\n", [""]),
            ("a.b", "a\nb a-b", ["a-b"]),
            ("(?s)a.b", "a\nb", ["a\nb"]),
            (r"\Aa|b\z", "aab", ["a", "b"]),
            (r"\bfoo\b", "foo food foo", ["foo", "foo"]),
            (r"\Boo\B", "foo food", ["oo"]),
            (r"\b", "ab cd", ["", "", "", ""]),
            ("(?x) a  b # comment\n c", "abc", ["abc"]),
            (r"(?x)[a b]\ c", "b c", ["b c"]),
            ("(?U)a+", "aaa", ["a", "a", "a"]),
            ("(?U)a+?", "aaa", ["aaa"]),
            ("a(?i)b|c", "aB C ab", ["aB", "C", "ab"]),
            ("a(?i:b)c", "aBc aBC", ["aBc"]),
            ("(?i-i)A", "a A", ["A"]),
            (r"\x41\x{42}\u0043\U00000044\n", "ABCD\n", ["ABCD\n"]),
            (r"\.\*\[\]\{\}\-\ \#\&\~", ".*[]{}- #&~", [".*[]{}- #&~"]),
            (r"[\d-]+", "1-2_", ["1-2"]),
            ("[]a]+", "]a[", ["]a"]),
            ("[^]a]+", "]a[b", ["[b"]),
            ("[a-]+", "a-b", ["a-"]),
            (r"[\]\\]+", "\\]", ["\\]"]),
            ("[[:alpha:]&&[^aeiou]]+", "hello1", ["h", "ll"]),
            ("[a-z--[aeiou]]+", "hello", ["h", "ll"]),
            ("[a-c~~b-d]+", "abcd", ["a", "d"]),
            ("[[:^digit:]]+", "12ab3", ["ab"]),
            (r"[^\x00-\x{10FFFF}]", "abc", None),
            (r"\d\D\s\S\w\W", "1a \tb-", None),
            (r"\d\D\s\S\w\W", "1a xb-", ["1a xb-"]),
            ("(?i)[k-l]+", "KLkl", ["KLkl"]),
            (r"\p{Lu}\p{Ll}+", "Ab BC Cd", ["Ab", "Cd"]),
            (r"\pN+|\PL", "a12-", ["12", "-"]),
        ],
    )
    def test_ascii(self, pattern: str, text: str, matches: object) -> None:
        assert found(pattern, text) == matches

    @pytest.mark.parametrize(
        ("pattern", "text", "matches"),
        [
            (r"\w+", "héllo wörld-x", ["héllo", "wörld", "x"]),
            (r"\w+", "हिन्दी e\u0301 a\u200db", ["हिन्दी", "e\u0301", "a\u200db"]),
            (r"\w+", "²½①Ⓐ", ["Ⓐ"]),
            (r"\d+", "12 ٣٤ ²", ["12", "٣٤"]),
            (r"\s+", "a\u00a0\u3000b\u001fc\u0085", ["\u00a0\u3000", "\u0085"]),
            (r"\bé\w+", "été é-été", ["été", "été"]),
            (r"\Bé", "été", ["é"]),
            (r"(?-u)\w+", "aé b", ["a", "b"]),
            ("(?i)straße|K", "STRASSE STRAßE STRA\u1e9eE \u212a", ["STRAßE", "STRA\u1e9eE", "\u212a"]),
            ("(?i)σ+", "σςΣ", ["σςΣ"]),
            ("(?i)i", "iIıİ", ["i", "I"]),
            ("(?i)[^k]+", "K\u212ak", None),
            (r"(?i)[\x{100}-\x{FFFF}]+", "ÿŸ s\u017fk", ["ÿŸ", "s\u017fk"]),
            (r"\p{Greek}+", "abc αβγ", ["αβγ"]),
            (r"\p{sc=Han}+|\p{Script=Cyrillic}", "漢字Я", ["漢字", "Я"]),
            (r"\p{gc=Sc}\P{Currency_Symbol}\p{^L}", "€a1", ["€a1"]),
            (r"\p{Any}\p{ASCII}\p{Uppercase}\p{lowercase}\p{White_Space}", "éxÉé\u00a0", ["éxÉé\u00a0"]),
            (r"\p{LC}+", "aÁǅ1", ["aÁǅ"]),
            (".", "é𝄞", ["é", "𝄞"]),
            ("", "é𝄞", ["", "", ""]),
            ("é|\\B", "é", ["é"]),
            ("[α-ω]+|[^a-z]", "xαβ", ["αβ"]),
            ("\ud800+.", "\ud800\ud800x", ["\ud800\ud800x"]),
        ],
    )
    def test_unicode(self, pattern: str, text: str, matches: object) -> None:
        assert found(pattern, text) == matches

    @pytest.mark.parametrize(
        ("flags", "matches"),
        [
            ("", [None, None, None, ["a"]]),
            ("i", [None, ["A"], None, ["A", "a"]]),
            ("m", [None, None, None, ["a"]]),
            ("im", [["A"], ["A"], None, ["A", "a"]]),
            ("s", [None, None, ["a\na"], ["a"]]),
            ("x", [None, None, None, ["a"]]),
        ],
    )
    def test_flags(self, flags: str, matches: object) -> None:
        searches = (("^a$", "A\nb"), ("^a", "A\nb"), ("a.a", "a\na"), ("a", "Aa"))
        assert [found(pattern, text, flags) for pattern, text in searches] == matches
        assert found("^ a # one", "a", flags) == (["a"] if flags == "x" else None)

    def test_captures(self) -> None:
        pattern = r"(?P<year>\d{4})-(?<month>\d\d)(-\d\d)?"
        assert call("regex_captures", pattern, "2024-05, 1999-12-31") == [
            {"match": "2024-05", "groups": ["2024", "05", None], "year": "2024", "month": "05"},
            {"match": "1999-12-31", "groups": ["1999", "12", "-31"], "year": "1999", "month": "12"},
        ]
        assert call("regex_captures", "(?P<a>x)|(?P<b>y)", "y") == [
            {"match": "y", "groups": [None, "y"], "b": "y"}
        ]
        assert call("regex_captures", "(?:(a)|b)*", "ab") == [{"match": "ab", "groups": ["a"]}]
        assert call("regex_captures", "(é)(.)", "aéx") == [{"match": "éx", "groups": ["é", "x"]}]
        assert call("regex_captures", "x", "abc") == []

    @pytest.mark.parametrize(
        ("pattern", "replacement", "text", "result"),
        [
            (r"(\w+) (\w+)", "$2 ${1}x", "hello world", "world hellox"),
            ("(b)", "[$1_x][$9][$$][$][$-]", "abc", "a[][][$][$][$-]c"),
            ("(?<n>b)", "<$n|${n}|$m|${1}>", "abc", "a<b|b||b>c"),
            ("(?P<a>x)(y)?", "[$2]", "x xy", "[] [y]"),
            ("", "-", "ab", "-a-b-"),
            ("x*", "-", "axb", "-a-b-"),
            ("b", r"\1\g<0>", "abc", r"a\1\g<0>c"),
            ("z", "-", "abc", "abc"),
            ("é", "e", "été", "ete"),
            ("b", "${", "abc", "a${c"),
        ],
    )
    def test_replace(self, pattern: str, replacement: str, text: str, result: str) -> None:
        assert call("regex_replace", pattern, replacement, text) == result
        assert call("regex_replace_all", pattern, replacement, text) == result

    @pytest.mark.parametrize(
        ("text", "pattern", "parts"),
        [
            ("a1b22c", r"\d+", ["a", "b", "c"]),
            (",a,", ",", ["", "a", ""]),
            ("", ",", [""]),
            ("ab", "", ["", "a", "b", ""]),
            ("aéb", "é", ["a", "b"]),
        ],
    )
    def test_split(self, text: str, pattern: str, parts: list[str]) -> None:
        assert call("regex_split", text, pattern) == parts

    def test_split_with_flags(self) -> None:
        assert call("regex_split", "aXbxc", "x", "i") == ["a", "b", "c"]


def test_too_few_arguments() -> None:
    assert call("regex_match", "a") is None
    assert call("regex_captures", "a") == []
    assert call("regex_replace", "a", "b") is None
    assert call("regex_replace_all") is None
    assert call("regex_split", "a") is None


@pytest.mark.parametrize(
    ("pattern", "at", "reason"),
    [
        ("a(?=b)", 1, "look-around, including look-ahead and look-behind, is not supported"),
        ("(?!b)", 0, "look-around, including look-ahead and look-behind, is not supported"),
        ("(?<=a)b", 0, "look-around, including look-ahead and look-behind, is not supported"),
        ("(?<!a)b", 0, "look-around, including look-ahead and look-behind, is not supported"),
        (r"(a)\1", 3, "backreferences are not supported"),
        ("(?P<n>a)(?P=n)", 8, "backreferences are not supported"),
        ("b(a", 1, "unclosed group"),
        ("(?", 0, "unclosed group"),
        ("a)", 1, "unopened group"),
        ("x[a", 1, "unclosed character class"),
        ("[]", 0, "unclosed character class"),
        ("[a-", 0, "unclosed character class"),
        ("*a", 0, "repetition operator missing expression"),
        ("a|*", 2, "repetition operator missing expression"),
        ("(?i)*", 4, "repetition operator missing expression"),
        ("a{2", 1, "unclosed counted repetition"),
        ("a{x}", 2, "repetition quantifier expects a valid decimal"),
        ("a{}", 2, "repetition quantifier expects a valid decimal"),
        ("a{3,2}", 1, "invalid repetition count range, the start must be <= the end"),
        ("a{1001}", 1, "repetition counts above 1000 are not supported"),
        ("a" + "*" * 21, 21, "more than 20 repetition operators in a row"),
        ("(" * 201 + ")" * 201, 200, "exceed the maximum number of nested parentheses/brackets (200)"),
        ("[" * 60, 51, "exceed the maximum number of nested parentheses/brackets (50)"),
        ("[z-a]", 1, "invalid character class range, the start must be <= the end"),
        (r"[a-\d]", 1, "invalid range boundary, must be a literal"),
        (r"[\b]", 1, "invalid escape sequence found in character class"),
        (r"\q", 0, "unrecognized escape sequence"),
        (r"\<", 0, "unrecognized escape sequence"),
        (r"\b{start}", 0, "unrecognized escape sequence"),
        ("\\", 0, "incomplete escape sequence, reached end of pattern prematurely"),
        (r"\x4", 0, "incomplete escape sequence, reached end of pattern prematurely"),
        (r"\x{41", 0, "incomplete escape sequence, reached end of pattern prematurely"),
        (r"\x{}", 2, "hexadecimal literal empty"),
        (r"\xzz", 2, "invalid hexadecimal digit"),
        (r"\x{110000}", 2, "hexadecimal literal is not a Unicode scalar value"),
        (r"\uD800", 2, "hexadecimal literal is not a Unicode scalar value"),
        (r"\p{Foo}", 0, "Unicode property not found"),
        (r"\p{foo=Lu}", 0, "Unicode property not found"),
        (r"\p{L", 0, "incomplete escape sequence, reached end of pattern prematurely"),
        ("(?z)", 2, "unrecognized flag"),
        ("(?i-)", None, None),
        ("(?-:a)", 3, "dangling flag negation operator"),
        ("(?)", 1, "repetition operator missing expression"),
        ("(?P<n>a)(?<n>b)", 11, "duplicate capture group name"),
        ("(?P<>a)", 4, "empty capture group name"),
        ("(?P<a-b>a)", 4, "invalid capture group character"),
        ("(?P<a", 4, "unclosed capture group name"),
        ("a" * 20_001, 0, "pattern is longer than 20000 characters"),
    ],
)
def test_refused_patterns(pattern: str, at: int | None, reason: str | None) -> None:
    if at is None:
        assert found(pattern, "x") == ["", ""]
        return
    told = f"regex parse error:\n    {pattern}\n    {' ' * at}^\nerror: {reason}"
    if len(pattern) > 1_000:
        told = f"regex parse error: {reason} (at character {at + 1})"
    assert problem("regex_match", pattern, "x") == (Thrown, f"Invalid regex: {told}")


def test_refused_flags() -> None:
    told = "Invalid regex: unsupported regex flag 'q', expected one of i/m/s/x"
    assert problem("regex_match", "a", "a", "iq") == (Thrown, told)
    assert problem("regex_split", "a", "a", "q") == (Thrown, told)


# --- no pattern takes the time of its ways ------------------------------------------------------------

EVIL = [
    ("(a+)+$", "a" * 2_000 + "b"),
    ("(a|a)*b", "a" * 2_000),
    ("(a|aa)+$", "a" * 1_000 + "!"),
    ("(.*)(.*)(.*)(.*)x", "a" * 1_000),
    ("(?:a?){30}a{30}", "a" * 29),
    ("(x+x+)+y", "x" * 2_000),
    ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 1_000),
    (r"\w*\w*\w*!", "é" * 300),
    ("(?:.*a){12}b", "a" * 150),
    ("(a*)*b", "a" * 1_000),
    (r"\s+$", " " * 60_000 + "x"),
]


@pytest.mark.parametrize("engine", ["re2", "own choice"])
@pytest.mark.parametrize(("pattern", "text"), EVIL)
def test_evil_patterns(engine: str, pattern: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "re2":
        pytest.importorskip("re2")
    else:
        monkeypatch.setattr(regex_engines, "_re2_module", lambda: None)
    regex_engines._compiled.cache_clear()
    # An engine that tries one way after the other would take hours for any of them.
    assert found(pattern, text) is None
    regex_engines._compiled.cache_clear()


@pytest.mark.parametrize(
    ("pattern", "text", "is_cheap"),
    [
        (r"(\d+)-(\d+)", "on 2024-05-06 " * 2_000, True),
        (r"(?m)^\w+: .*$", "key: value of it\n" * 2_000, True),
        (r"[a-z]+@[a-z]+\.com", "x" * 20_000, False),
        (r"[a-z]+@[a-z]+\.com", "someone@example.com " * 2_000, True),
        ("a*a*a*b", "a" * 500, False),
        ("a*a*a*b", "ab" * 500, True),
        ("(?:a|b)*c", "ab" * 100, True),
        ("(?:a|ab)*c", "ab" * 100, False),
        (r"\A(?:x+x+)y", "x" * 3_000, True),
        ("(?:x*)*y", "z", False),
    ],
)
def test_costs(pattern: str, text: str, is_cheap: bool) -> None:
    tree = parse_pattern(pattern, Flags(), True)
    steps = cost_of(tree.root)(text)
    assert (steps <= regex_engines.AFFORDABLE_STEPS) is is_cheap


def test_the_sets_of_a_pattern_have_a_limit() -> None:
    kind, told = problem("regex_match", r"\w" * 50, "é")
    assert kind is Thrown
    assert str(told).endswith("error: compiled regex exceeds size limit of 30000 character ranges")
    assert found(r"\w" * 50, "e") is None
    assert found(r"\w{50}", "é" * 50) == ["é" * 50]
    assert problem("regex_match", r"\b" * 20, "é")[0] is Thrown


def test_the_simulation_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    use("simulation", monkeypatch)
    kind, told = problem("regex_match", "((a{1,100}){1,100}){1,100}", "a")
    assert kind is Thrown
    assert str(told).endswith("error: compiled regex exceeds size limit of 20000 instructions")
    monkeypatch.setattr(regex_simulation, "MOST_STEPS", 100)
    kind, told = problem("regex_match", "(a|b)+c", "ab" * 100)
    assert (kind, told) == (
        RuntimeFault,
        "Runtime error: regex: this pattern takes too long for a text of 200 characters; "
        "google-re2 has no such limit: pip install harnlet[regex]",
    )
    regex_engines._compiled.cache_clear()


def test_replacements_respect_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    from harnlet.runtime import caps

    monkeypatch.setattr(caps, "TEXT_LENGTH", 20)
    assert display(call("regex_replace", "a", "bb", "aaaa")) == "b" * 8
    assert problem("regex_replace", "a", "b" * 10, "aaaa")[0] is RuntimeFault
