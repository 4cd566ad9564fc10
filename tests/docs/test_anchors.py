"""Every place that code or documents refer to exists: `docs/language.md#scopes` and the like."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *(path for folder in ("interpreter", "builtins", "plugins") for path in (ROOT / folder).rglob("*.py")),
    *(path for folder in ("builtins", "scripts") for path in (ROOT / folder).rglob("*.harn")),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
]
_CODE = re.compile(r"\b(docs/[a-z]+\.md)(?:#([a-z0-9_-]+))?")
_LINK = re.compile(r"\]\(([a-z/]*[A-Za-z]+\.md)?(?:#([a-z0-9_-]+))?\)")


def anchors_of(document: Path) -> set[str]:
    """The anchors of a page: its headings, as GitHub names them, and those set by hand."""
    text = document.read_text(encoding="utf-8")
    found = set(re.findall(r'<a id="([^"]+)">', text))
    in_code = False
    for line in text.splitlines():
        if line.startswith("```"):
            in_code = not in_code
        elif line.startswith("#") and not in_code:
            title = re.sub(r"<[^>]*>", "", line.lstrip("#").strip()).lower()
            found.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return found


def references() -> set[tuple[str, Path, str]]:
    found: set[tuple[str, Path, str]] = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        where = str(source.relative_to(ROOT))
        for page, anchor in _CODE.findall(text):
            found.add((where, ROOT / page, anchor))
        if source.suffix == ".md":
            for page, anchor in _LINK.findall(text):
                if page or anchor:
                    found.add((where, (source.parent / page).resolve() if page else source, anchor))
    return found


def test_every_reference_leads_somewhere() -> None:
    pages: dict[Path, set[str]] = {}
    lost: list[str] = []
    for where, page, anchor in sorted(references()):
        if not page.is_file():
            lost.append(f"{where}: {page.name} does not exist")
            continue
        if anchor and anchor not in pages.setdefault(page, anchors_of(page)):
            lost.append(f"{where}: {page.name}#{anchor}")
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## Result and exit code", "result-and-exit-code"),
        ("### `match`", "match"),
        ('<a id="calls"></a>x', "calls"),
    ],
)
def test_anchors_are_named_as_github_names_them(heading: str, anchor: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(heading + "\n", encoding="utf-8")
    assert anchors_of(page) == {anchor}
