"""Collects the language tests: `tests/spec/<chapter>/*.harn` (see `spec_runner`)."""

from pathlib import Path

import pytest

from spec_runner import SpecFile


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".harn" and "spec" in file_path.parts:
        return SpecFile.from_parent(parent, path=file_path)
    return None
