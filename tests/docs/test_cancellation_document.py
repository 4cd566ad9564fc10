"""What docs/cancellation.md says against the code that it describes."""

import re
from pathlib import Path

from harnlet.tools.call_state import STATES, TABLE, transition_table
from harnlet.tools.results import CATEGORIES
from harnlet_plugins.cancel_builtin import cancel_in_flight_tool_call

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "cancellation.md").read_text(encoding="utf-8")
_REFERENCE = re.compile(r"docs/cancellation\.md#([a-z0-9-]+)")


def anchors_of(text: str) -> set[str]:
    """The anchors that the headings of a document have."""
    headings = re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def section(title: str) -> str:
    """The text below one heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found.group(1)


def test_the_table_is_the_one_of_the_code() -> None:
    rows = [line for line in section("One decision").splitlines() if line.startswith("|")]
    assert "\n".join(rows) + "\n" == transition_table()


def test_the_diagram_shows_the_same_moves() -> None:
    drawn = re.findall(r"^ +(\w+) --> (\w+): (\w+)$", section("One decision"), re.MULTILINE)
    moves = [(state, after, move) for state in STATES for move, after in TABLE[state].items()]
    assert sorted(drawn) == sorted(moves)


def test_anchors_that_docstrings_and_documents_name_exist() -> None:
    named: set[str] = set()
    for folder in ("interpreter", "builtins", "plugins", "docs", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".md") and path.name != Path(__file__).name:
                text = path.read_text(encoding="utf-8")
                named.update(_REFERENCE.findall(text))
                if path.suffix == ".md":
                    named.update(re.findall(r"\(cancellation\.md#([a-z0-9-]+)\)", text))
    named.update(re.findall(r"\]\(#([a-z0-9-]+)\)", TEXT))
    assert len(named) > 8
    assert named - anchors_of(TEXT) == set()


def test_anchors_of_other_documents_exist() -> None:
    for document, anchor in re.findall(r"\]\((\w+\.md)#([a-z0-9-]+)\)", TEXT):
        text = (ROOT / "docs" / document).read_text(encoding="utf-8")
        assert anchor in anchors_of(text) or f'id="{anchor}"' in text, f"{document}#{anchor}"


def test_the_error_categories_are_those_of_the_code() -> None:
    listed = section("Dispatch").split("\nCategories: ")[1].split("\n\n")[0]
    assert tuple(re.findall(r"`(\w+)`", listed)) == CATEGORIES


def test_the_arguments_of_the_builtin_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:string|bool|int)", section("The builtin"), re.MULTILINE)
    declared = re.findall(r"(\w+)(?:\?| =|,|\))", cancel_in_flight_tool_call.signature.split("(")[1])
    assert rows == [name for name in declared if name not in ("true", "5000")]


def test_tests_that_are_named_exist() -> None:
    for name in re.findall(r"`(?:tests/(\w+)/)?test_(\w+)\*?`", section("Where we go further")):
        folder, stem = name
        assert list((ROOT / "tests" / (folder or "cancel")).glob(f"test_{stem}*.py")), name
