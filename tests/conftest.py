"""Collects the language tests: `tests/spec/<chapter>/*.harn` (see `spec_runner`)."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from spec_runner import SpecFile

# The same code passes or fails always. `HYPOTHESIS_PROFILE=default pytest tests/property`, and `make soak`, try
# what has not been tried before.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".harn" and "spec" in file_path.parts:
        return SpecFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_finish() -> None:
    """What has been collected stays to the end: the garbage collector need not look at thousands of tests again
    and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def code_cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """`harnlet run` keeps what it compiles in a folder of the tests, not in that of whoever runs them."""
    before = os.environ.get("HARNLET_CACHE")
    os.environ["HARNLET_CACHE"] = str(tmp_path_factory.mktemp("caches") / "code")
    yield
    if before is None:
        del os.environ["HARNLET_CACHE"]
    else:
        os.environ["HARNLET_CACHE"] = before
