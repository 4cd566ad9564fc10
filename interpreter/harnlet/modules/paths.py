"""Where an import path leads: standard modules, files beside the importer, packages.

Rules: docs/language.md#import-paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


class ImportFailedError(Exception):
    """An import that cannot be done; the message is what the script's author sees."""


@dataclass(frozen=True, slots=True)
class ModuleText:
    """The source of a module. `key` is the same for every path that leads to it; `directory` is where its
    own imports start, None for standard modules."""

    key: str
    filename: str
    text: str
    directory: Path | None


def find_module(
    path: str, importer: Path | None, root: Path | None, scripts: Mapping[str, str]
) -> ModuleText:
    """The module that `import "path"` means in a file of the directory `importer`.

    `scripts` are the standard modules by path. Files must lie below `root`, if there is one. Raises
    ImportFailedError.
    """
    if path.startswith("std/"):
        text = scripts.get(path)
        if text is None:
            raise ImportFailedError(f"Unknown stdlib module: {path}")
        return ModuleText(path, f"{path}.harn", text, None)
    if importer is None:
        raise ImportFailedError(f"Import error: cannot read '{path}': the importing program is not in a file")
    if "\0" in path or not path:
        raise ImportFailedError(f"Import error: cannot read '{path}': not a path")
    for candidate in (_beside(path, importer), _in_packages(path, importer)):
        if candidate is not None:
            return _read(path, candidate, root)
    raise ImportFailedError(f"Import error: cannot read '{path}': No such file or directory")


def _beside(path: str, directory: Path) -> Path | None:
    plain = directory / path
    if plain.is_file():
        return plain
    if not PurePosixPath(path).suffix:
        with_suffix = plain.with_name(plain.name + ".harn") if plain.name else plain
        if with_suffix.is_file():
            return with_suffix
    return None


def _in_packages(path: str, directory: Path) -> Path | None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        return None
    for folder in (directory, *directory.parents):
        packages = folder / ".harn" / "packages"
        if packages.is_dir():
            for candidate in (packages / path, packages / f"{path}.harn", packages / path / "lib.harn"):
                if candidate.is_file() and _is_below(candidate, packages):
                    return candidate
            exported = _exported(packages / pure.parts[0], "/".join(pure.parts[1:]))
            if exported is not None:
                return exported
        if (folder / ".git").exists():
            break
    return None


def _exported(package: Path, rest: str) -> Path | None:
    """What `[exports]` in a package's harn.toml says about `rest`."""
    manifest = package / "harn.toml"
    if not rest or not manifest.is_file():
        return None
    import tomllib  # only a program that imports from a package gets here

    try:
        exports = tomllib.loads(manifest.read_text(encoding="utf-8")).get("exports", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ImportFailedError(f"Import error: cannot read '{manifest}': {error}") from error
    target = exports.get(rest) if isinstance(exports, dict) else None
    if not isinstance(target, str):
        return None
    candidate = package / target
    return candidate if candidate.is_file() and _is_below(candidate, package) else None


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _read(path: str, file: Path, root: Path | None) -> ModuleText:
    resolved = file.resolve()
    if root is not None and not resolved.is_relative_to(root.resolve()):
        raise ImportFailedError(
            f"Import error: cannot read '{path}': it is outside of the program's folder, "
            "and that takes the capability `files`"
        )
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ImportFailedError(f"Import error: cannot read '{path}': {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ImportFailedError(
            f"Import error: cannot read '{path}': not UTF-8 at byte {error.start}"
        ) from error
    return ModuleText(str(resolved), str(file), text, resolved.parent)
