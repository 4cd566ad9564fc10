"""Templates of any text: rendered or refused, never anything else (docs/builtins.md#templates)."""

import re

from hypothesis import given
from hypothesis import strategies as st

from harnlet.errors.faults import Thrown
from harnlet_builtins.template_render import Source, render_template
from harnlet_builtins.template_values import ExpressionError

# fmt: off
PIECES = st.sampled_from([
    "{{", "}}", "{{-", "-}}", "{{#", "#}}", "if", "else", "elif", "end", "for", "in", "x", "xs", "y.z",
    "[0]", "['k']", "|", "upper", "join:", "\",", "\"", "json", "raw", "endraw", "include", "with", "{",
    "}", "(", ")", "==", "<", "and", "or", "not", "!", "nil", "1", "2.5", "'a'", "\"", "'", "\\", "\n",
    "é", "text",
])
# fmt: on
TEMPLATES = st.lists(PIECES, max_size=30).map(" ".join) | st.text(max_size=50)
BINDINGS = {"x": "text", "xs": [1, "two", None], "y": {"z": 3}}


class Nothing:
    """Finds no template."""

    def included(self, path: str, source: Source) -> Source:
        raise ExpressionError(f"no {path}")


def rendered(text: str) -> str:
    return render_template(Source("", text, ""), BINDINGS, Nothing())


@given(TEMPLATES)
def test_any_text_is_rendered_or_refused_with_its_place(text: str) -> None:
    try:
        rendered(text)
    except Thrown as fault:
        place = re.match(r"at (\d+):(\d+): .", str(fault.value), re.DOTALL)
        assert place is not None
        line = text.split("\n")[int(place[1]) - 1]
        assert line.startswith("{{", int(place[2]) - 1)


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_directives_stays_as_it_is(text: str) -> None:
    assert rendered(text) == text


@given(st.text(alphabet="{}#-|\" x\n").map(lambda text: text.replace("endraw", "")))
def test_raw_text_stays_as_it_is(text: str) -> None:
    assert rendered("{{ raw }}" + text + "{{ endraw }}") == text


@given(st.text())
def test_values_are_not_read_as_templates(text: str) -> None:
    assert render_template(Source("", "<{{ v }}>", ""), {"v": text}, Nothing()) == f"<{text}>"


@given(st.text(), st.text(min_size=1))
def test_strings_of_expressions(text: str, other: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert rendered("{{ " + quoted + " }}") == text
    source = Source("", "{{ a | replace: b, 'c' }}", "")
    assert render_template(source, {"a": text, "b": other}, Nothing()) == text.replace(other, "c")
