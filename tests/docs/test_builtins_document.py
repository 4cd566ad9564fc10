"""docs/builtins.md is what the declarations say."""

from pathlib import Path

from harnlet import Interpreter
from harnlet_builtins.document import page

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "builtins.md"


def test_the_page_is_what_the_declarations_give() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(), (
        "run `python -m harnlet_builtins.document > docs/builtins.md`"
    )


def test_every_builtin_is_on_the_page_with_a_word_of_explanation() -> None:
    text = page()
    for builtin in Interpreter().builtins().values():
        assert f"`{builtin.name}" in text
        assert builtin.doc, builtin.name
