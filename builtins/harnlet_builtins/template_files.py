"""Finding template files. All of it looks at the disk. Rule: docs/builtins.md#templates."""

import os
from typing import Any

from harnlet.runtime import caps
from harnlet_builtins.calling import directory_of
from harnlet_builtins.environment import MANIFEST, project_root_of
from harnlet_builtins.os_errors import os_error_text
from harnlet_builtins.template_render import Source
from harnlet_builtins.template_values import ExpressionError

_BYTES_A_CHARACTER = 4


class UnreadableError(Exception):
    """A template that cannot be read: its path, and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class TemplateFiles:
    """The templates that one call of `render` reaches; `calling` are the files of the code that calls."""

    def __init__(self, calling: list[str]) -> None:
        self._calling = calling
        self._root: str | None = None

    def asset_root(self) -> str:
        """Where paths of the script itself start: the directory of its file."""
        try:
            return directory_of(self._calling) or os.getcwd()
        except OSError as error:
            raise UnreadableError(".", os_error_text(error)) from None

    def opened(self, path: str) -> Source:
        """The template that a script names. Raises UnreadableError."""
        base = self.asset_root()
        place = self._located(path, base)
        directory = os.path.dirname(place)
        self._root = project_root_of(directory) or (base if _is_below(place, base) else directory)
        return _read(place)

    def included(self, path: str, source: Source) -> Source:
        """The template that another one names. Raises UnreadableError, ExpressionError when it lies
        elsewhere."""
        base = source.directory or self.asset_root()
        if self._root is None:
            self._root = project_root_of(base) or base
        place = self._located(path, base)
        if not path.startswith("@") and not _is_below(os.path.realpath(place), os.path.realpath(self._root)):
            raise ExpressionError(f"include path {path} escapes template root {self._root}")
        return _read(place)

    def _located(self, path: str, base: str) -> str:
        """The absolute path. `@/x` starts at the project's root, `@name/x` at one of its asset roots."""
        if not path.startswith("@"):
            return os.path.normpath(os.path.join(base, path))
        alias, _, rest = path[1:].partition("/")
        root = project_root_of(base)
        if root is None:
            raise UnreadableError(path, f"no {MANIFEST} above {base}")
        if alias:
            folder = _asset_roots(root).get(alias)
            if type(folder) is not str:
                raise UnreadableError(path, f"{MANIFEST} declares no asset root '{alias}'")
            root = os.path.join(root, folder)
        place = os.path.normpath(os.path.join(root, rest))
        if not _is_below(os.path.realpath(place), os.path.realpath(root)):
            raise UnreadableError(path, f"it is outside of {root}")
        return place


def _asset_roots(root: str) -> dict[str, Any]:
    """`[asset_roots]` of a project: folders by name."""
    import tomllib

    manifest = os.path.join(root, MANIFEST)
    try:
        with open(manifest, "rb") as file:
            found = tomllib.load(file).get("asset_roots", {})
    except (OSError, ValueError) as error:
        raise UnreadableError(manifest, str(error)) from None
    return found if type(found) is dict else {}


def _is_below(place: str, root: str) -> bool:
    return place.startswith(root.rstrip(os.sep) + os.sep)


def _read(place: str) -> Source:
    most = caps.text_length() * _BYTES_A_CHARACTER
    try:
        with open(place, "rb") as file:
            content = file.read(most + 1)
        text = content[:most].decode("utf-8")
    except (OSError, ValueError) as error:
        raise UnreadableError(place, os_error_text(error)) from None
    caps.check_text(max(len(text), len(content) if len(content) > most else 0))
    return Source(place, text, os.path.dirname(place))
