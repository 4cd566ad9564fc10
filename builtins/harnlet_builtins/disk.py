"""Work on the disk for builtins: asked for, resolved, done in a thread, its errors made the script's."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeVar

from harnlet.errors.faults import Thrown
from harnlet.runtime.display import display
from harnlet_builtins.os_errors import os_error_text
from harnlet_builtins.permission import SystemContext, require

_Result = TypeVar("_Result")


def located(rt: SystemContext, name: str, path: object) -> str:
    """The absolute path for the builtin `name`; a relative one belongs to the current directory. Raises
    CategorisedFault without the capability `files`."""
    require(rt, name, "files")
    return os.path.join(current_directory(name), display(path))


def current_directory(name: str) -> str:
    """The current directory. Raises Thrown when it is gone."""
    try:
        return os.getcwd()
    except OSError as error:
        raise Thrown(f"{name}: {os_error_text(error)}") from None


async def on_disk(failure: str, work: Callable[..., _Result], *arguments: Any) -> _Result:
    """What `work` returns, in a thread. Raises Thrown `<failure>: …` when the system refuses."""
    try:
        return await asyncio.to_thread(work, *arguments)
    except (OSError, ValueError) as error:
        raise Thrown(f"{failure}: {os_error_text(error)}") from None
