"""Names in paths, as text only: `dirname`, `basename`, `extname`. Rules: docs/builtins.md#strings."""

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display


def _last(path: str) -> tuple[str, str]:
    """What comes before the last component, and that component. Empty components and `.` count only
    when they stand first."""
    rest = path
    while True:
        rest = rest.rstrip("/")
        before, slash, name = rest.rpartition("/")
        if name != "." or not slash:
            break
        rest = before + slash
        if not before:
            return "", ""
    return before.rstrip("/") or slash, name


@builtin("dirname(path)", section="8.1")
def dirname(path: object = "") -> str:
    """The path without its last component."""
    return _last(display(path))[0]


@builtin("basename(path)", section="8.1")
def basename(path: object = "") -> str:
    """The last component of the path, unless that is `..`."""
    name = _last(display(path))[1]
    return "" if name in ("..", ".") else name


@builtin("extname(path)", section="8.1")
def extname(path: object = "") -> str:
    """The last component's part from its last dot on; a dot that begins it does not count."""
    name = _last(display(path))[1]
    stem, dot, extension = name.rpartition(".")
    return dot + extension if stem and name != ".." else ""
