"""Which script file calls a builtin: what its relative paths to templates belong to.

Rule: docs/builtins.md#processes (`source_dir`), docs/builtins.md#templates.
"""

import os
import sys
from types import FrameType

from harnlet.runtime.faulting import PROGRAM_KEY


def calling_files() -> list[str]:
    """The file names of the programs and modules whose code is running, the innermost first. To be called
    by a builtin itself, before it waits."""
    names: dict[str, None] = {}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        program = frame.f_globals.get(PROGRAM_KEY)
        if program is not None:
            names[program.filename] = None
        frame = frame.f_back
    return [*names]


def directory_of(files: list[str]) -> str | None:
    """The absolute directory of the first of these that is a file (a standard module is none, nor is a text
    that an embedder runs); None when none is. Looks at the disk."""
    for name in files:
        if os.path.isfile(name):
            return os.path.dirname(os.path.abspath(name))
    return None
