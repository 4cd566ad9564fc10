"""docs/errors.md says what the table of codes says, and the table holds together."""

import re
import subprocess
import sys
from pathlib import Path

from harnlet.errors.codes import CODES, code, lookup
from harnlet.errors.document import document

ROOT = Path(__file__).resolve().parents[2]
REMEDY = "docs/errors.md is out of date: run `python -m harnlet.errors.document > docs/errors.md`"


def test_the_page_is_what_the_table_gives() -> None:
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == document(), REMEDY


def test_the_module_prints_the_page() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harnlet.errors.document"],
        env={"PYTHONPATH": str(ROOT / "interpreter"), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert done.stdout == document()


def test_every_code_has_a_section_of_its_own() -> None:
    headings = re.findall(r"^### (HRN-\d{4})$", document(), re.MULTILINE)
    assert headings == sorted(entry.id for entry in CODES)
    assert len(set(headings)) == len(headings)


def test_codes_are_found_by_id_and_by_name() -> None:
    for entry in CODES:
        assert lookup(entry.id.lower()) is entry
        assert lookup(entry.name) is entry
        assert code(entry.name) == entry.id


def test_each_entry_says_what_went_wrong_and_what_to_do() -> None:
    for entry in CODES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name), entry.id
        for sentence in (entry.cause, entry.cure):
            assert sentence.endswith("."), entry.id
            assert sentence[0].isupper() or sentence[0] == "`", entry.id
        assert not entry.title.endswith("."), entry.id
