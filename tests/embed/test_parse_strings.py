"""String literals. docs/language.md#strings."""

import pytest

from embed.parse_support import only, short
from harnlet.syntax import nodes as n
from harnlet.syntax.parser import parse_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('""', ""),
        ('"a"', "a"),
        (r'"\n\t\\\"\$"', '\n\t\\"$'),
        (r'"\q\r\0\u"', r"\q\r\0\u"),
        (r'"\\n"', r"\n"),
        ('"$5 {x} }"', "$5 {x} }"),
        (r'"\${x}"', "${x}"),
        ('"a // b /* c"', "a // b /* c"),
        ('"a\\\nb"', "a\\\nb"),
        ('r"a\\n${x}"', "a\\n${x}"),
        ('r""', ""),
        ('"""a"""', "a"),
        ('"""a "quoted" \\n"""', 'a "quoted" \\n'),
        ('"""\n  a\n    b\n\n  c\n  """', "a\n  b\n\nc"),
        ('"""\n\ta\n\tb\n"""', "a\nb"),
        ('"""\n  a\n"""', "a"),
        ('"""\n  a\n\n"""', "a\n"),
        ('"""  a\n b"""', " a\nb"),
        ('"""\n"""', ""),
        ('""""""', ""),
        ('"""\n   \n  a\n"""', "\na"),
    ],
)
def test_values(text: str, value: str) -> None:
    made = only(f"let s = {text}").value
    assert type(made) is n.String
    assert made.value == value


def parts(text: str) -> list[str]:
    made = only(f"let s = {text}").value
    assert type(made) is n.Interpolated
    return [part if isinstance(part, str) else f"<{short(part)}>" for part in made.parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a ${b} c"', ["a ", "<b>", " c"]),
        ('"${a}${b}"', ["<a>", "<b>"]),
        ('"${"a ${n}"}"', ["<Interpolated((a , n), plain)>"]),
        ('"${{a: 1}.a}"', ["<Member(Dict((DictEntry(a, 1))), a, False)>"]),
        ('"\\$${a}\\n"', ["$", "<a>", "\n"]),
        ('"$${a}"', ["$", "<a>"]),
        ('"${ a +\n b }"', ["<(+ a b)>"]),
        ('"""${a} ${b}"""', ["<a>", " ", "<b>"]),
        ('"""\n  hello ${a}\n    x\n  """', ["hello ", "<a>", "\n  x"]),
        ('"""\n  ${a} and ${b}\n  x\n"""', ["<a>", " and ", "<b>", "\nx"]),
        ('"""\n${a}\n"""', ["<a>"]),
        ('"""\na ${b} c\n"""', ["a ", "<b>", " c\n"]),
        ('"""\n  a\n\n  ${b}\n"""', ["a\n\n", "<b>"]),
        ('"""\n    ${a}\n  b\n"""', ["  ", "<a>", "\nb"]),
    ],
)
def test_interpolation(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_forms() -> None:
    forms = {
        '"a"': "plain",
        'r"a"': "raw",
        '"""a"""': "multiline",
        '"${a}"': "plain",
        '"""${a}"""': "multiline",
    }
    for text, form in forms.items():
        assert only(f"let s = {text}").value.form == form


def test_places_inside_interpolation_are_places_in_the_file() -> None:
    made = only('let s = """\n  a ${b +\n  cc}\n"""').value
    inner = made.parts[1]
    assert inner.at == (2, 7, 3, 5)
    assert inner.right.at == (3, 3, 3, 5)
    assert made.at == (1, 9, 4, 4)


def test_words_before_quotes() -> None:
    assert only('[r "a"]').items[0].name == "r"
    assert only('[bar"a"]').items[0].name == "bar"


def test_parse_expression() -> None:
    assert short(parse_expression("a + b\n").expression) == "(+ a b)"
    wrong = parse_expression("a b", "x.harn")
    assert wrong.expression is None
    assert wrong.diagnostics[0].filename == "x.harn"
    assert parse_expression("").diagnostics
    assert parse_expression("let x = 1").diagnostics
