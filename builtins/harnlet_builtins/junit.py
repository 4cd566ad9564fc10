"""Results of tests in the format of JUnit. Rules: docs/builtins.md#multipart-compression-junit."""

import re
from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.values import type_name
from harnlet_builtins.utf8 import utf8

_STATUS = {"failure": "failed", "error": "errored", "skipped": "skipped"}
_TEXTS = {"system-out": "stdout", "system-err": "stderr"}


@builtin("parse_junit_xml(report)", section="23.5")
def parse_junit_xml(report: object = None) -> list[object]:
    """The tests of a report, `{name, status, duration_ms, message, stdout, stderr}` each; the status is
    passed, failed, skipped or errored. None when the report is malformed."""
    if type(report) is not str and type(report) is not bytes:
        raise Thrown(f"parse_junit_xml: expected string or bytes, got {type_name(report)}")
    from xml.parsers import expat

    reader = _Reader()
    parser = expat.ParserCreate(None if type(report) is bytes else "utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    # Reports have no document type; one that has can only mean to expand entities.
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(report if type(report) is bytes else utf8(str(report)), True)
    except (expat.ExpatError, _Refused):
        return []
    return reader.tests


class _Refused(Exception):
    """The document is more than a report."""


class _Reader:
    """Makes a dict of each `testcase` element while the parser goes through the document."""

    def __init__(self) -> None:
        self.tests: list[object] = []
        self._test: dict[str, object] | None = None
        self._inner = ""
        self._parts: list[str] = []

    def refuse(self, *declaration: Any) -> None:
        raise _Refused

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "testcase":
            self._test = _new_test(attributes)
        elif self._test is not None and (name in _STATUS or name in _TEXTS):
            self._inner, self._parts = name, []
            if name in _STATUS and self._test["status"] in ("passed", "skipped"):
                self._test["status"] = _STATUS[name]
                self._test["message"] = attributes.get("message")

    def text(self, text: str) -> None:
        if self._inner:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        name = _local(tag)
        test = self._test
        if test is None:
            return
        if name == "testcase":
            self.tests.append(test)
            self._test = None
        elif name == self._inner:
            text = "".join(self._parts).strip() or None
            if name in _TEXTS:
                test[_TEXTS[name]] = text
            elif test["message"] is None and test["status"] == _STATUS[name]:
                test["message"] = text
            self._inner = ""


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _new_test(attributes: dict[str, str]) -> dict[str, object]:
    name, group = attributes.get("name", ""), attributes.get("classname", "")
    return {
        "name": f"{group}::{name}" if group else name,
        "status": "passed",
        "duration_ms": _milliseconds(attributes.get("time", "")),
        "message": None,
        "stdout": None,
        "stderr": None,
    }


def _milliseconds(seconds: str) -> int:
    """Of a text such as `1,234.5`; 0 for what is no number."""
    digits = seconds.strip().replace(",", "")
    if re.fullmatch(r"[0-9]{1,15}(\.[0-9]*)?|\.[0-9]+", digits) is None:
        return 0
    return int(float(digits) * 1000 + 0.5)
