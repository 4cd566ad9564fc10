"""What kind of project is in a directory. Rules: docs/builtins.md#store-checkpoint-metadata-project."""

import os
import re
from collections.abc import Iterator
from typing import Any, Final

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins import project_evidence as evidence
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.permission import SystemContext

_PYTHON_MANAGERS: Final = ("uv", "poetry", "pdm", "pipenv")
_SCRIPT_MANAGERS: Final = ("pnpm", "yarn", "bun", "npm")
_MOST_DIRECTORIES: Final = 2_000
_TREE_DEPTH: Final = 3


@builtin("project_fingerprint(path?)", section="21", effect="system", context=True)
async def project_fingerprint(rt: SystemContext, path: object = None) -> dict[str, object]:
    """`{primary_language, languages, frameworks, package_manager, package_managers, test_runner, build_tool,
    vcs, ci, has_tests, has_ci, lockfile_paths}` of the project in a directory."""
    place = located(rt, "project_fingerprint", "." if path is None else path)
    return await on_disk("project_fingerprint", _fingerprint, place)


def _fingerprint(place: str) -> dict[str, object]:
    place = os.path.normpath(place)
    seen = evidence.look(place)
    languages = [*evidence.languages(seen)]
    packages = evidence.dependencies(place, seen)
    managers = _managers(place, seen)
    services = evidence.ci(place)
    return {
        "primary_language": languages[0] if languages else None,
        "languages": languages,
        "frameworks": evidence.frameworks(packages),
        "package_manager": managers[0] if managers else None,
        "package_managers": managers,
        "test_runner": _test_runner(place, seen, languages, packages),
        "build_tool": _build_tool(seen, packages),
        "vcs": evidence.vcs(place),
        "ci": services,
        "has_tests": evidence.has_tests(seen),
        "has_ci": bool(services),
        "lockfile_paths": [name for name in sorted(evidence.LOCKFILES) if name in seen.names],
    }


def _managers(place: str, seen: evidence.Seen) -> list[str]:
    """The package managers: those of lock files first, since they are in use."""
    found = [manager for name, manager in evidence.LOCKFILES.items() if name in seen.names]
    found += [each.manager for each in evidence.ANCHORS if each.manager is not None and seen.has(each.name)]
    if "package.json" in seen.names and not set(found) & set(_SCRIPT_MANAGERS):
        named = display(evidence.json_of(place, "package.json").get("packageManager", "")).partition("@")[0]
        found.append(named if named in _SCRIPT_MANAGERS else "npm")
    if "pyproject.toml" in seen.names and not set(found) & set(_PYTHON_MANAGERS):
        tool = evidence.toml_of(place, "pyproject.toml").get("tool")
        used = [each for each in _PYTHON_MANAGERS if type(tool) is dict and each in tool]
        found.append(used[0] if used else "pip")
    if set(found) & set(_PYTHON_MANAGERS):
        found = [each for each in found if each != "pip"]
    return list(dict.fromkeys(found))


def _test_runner(
    place: str, seen: evidence.Seen, languages: list[str], packages: dict[str, set[str]]
) -> str | None:
    for language in languages:
        found = _runner_of(language, place, seen, packages)
        if found is not None:
            return found
    return None


def _runner_of(language: str, place: str, seen: evidence.Seen, packages: dict[str, set[str]]) -> str | None:
    if language in ("javascript", "typescript"):
        known = ("vitest", "jest", "mocha", "ava", "playwright", "cypress", "jasmine")
        found = next((each for each in known if each in packages["javascript"]), None)
        return found or ("bun" if seen.has("bun.lock") or seen.has("bun.lockb") else None)
    if language == "python":
        settings = ("pytest.ini", "conftest.py")
        text = evidence.text_of(place, "pyproject.toml") if "pyproject.toml" in seen.names else ""
        if "pytest" in packages["python"] or "[tool.pytest" in text or any(map(seen.has, settings)):
            return "pytest"
        return "tox" if seen.has("tox.ini") else "unittest" if evidence.has_tests(seen) else None
    if language == "rust" and (seen.has(".config") and os.path.isfile(f"{place}/.config/nextest.toml")):
        return "nextest"
    if language == "ruby":
        return "rspec" if "rspec" in packages["ruby"] or seen.has(".rspec") else "minitest"
    return {
        "rust": "cargo",
        "go": "go",
        "swift": "swift",
        "java": "junit",
        "kotlin": "junit",
        "elixir": "exunit",
        "php": "phpunit",
        "csharp": "dotnet",
        "dart": "dart",
        "zig": "zig",
        "harn": "harn",
    }.get(language)


def _build_tool(seen: evidence.Seen, packages: dict[str, set[str]]) -> str | None:
    known = ("vite", "next", "webpack", "rollup", "esbuild", "turbo", "parcel")
    for anchor in evidence.ANCHORS:
        if anchor.build is not None and seen.has(anchor.name):
            if anchor.build == "npm":
                return next((each for each in known if each in packages["javascript"]), "npm")
            return anchor.build
    return None


# --- evidence of one directory, of a tree -------------------------------------------------------------


def _options(options: object) -> dict[str, object]:
    return options if type(options) is dict else {}


@builtin("project_scan_native(path?, options?)", section="21", effect="system", context=True)
async def project_scan_native(
    rt: SystemContext, path: object = None, options: object = None
) -> dict[str, object]:
    """What the files of one directory tell: `{path, languages, frameworks, build_systems, vcs, anchors,
    lockfiles, confidence, package_name}`; with the option `tiers` naming `config` also `build_commands`,
    `declared_scripts`, `makefile_targets`, `dockerfile_commands`, `readme_code_fences`."""
    place = located(rt, "project_scan", "." if path is None else path)
    return await on_disk("project_scan", _evidence, place, _options(options))


def _evidence(place: str, options: dict[str, object]) -> dict[str, object]:
    place = os.path.normpath(place)
    names = set(_names(place))
    seen = evidence.Seen(names, sorted(names))
    sure = evidence.languages(evidence.Seen(names, []))
    found: dict[str, object] = {
        "path": place,
        "languages": [*sure],
        "frameworks": evidence.frameworks(evidence.dependencies(place, seen)),
        "build_systems": list(
            dict.fromkeys(each.build for each in evidence.ANCHORS if each.build and seen.has(each.name))
        ),
        "vcs": evidence.vcs(place),
        "anchors": sorted(each.name for each in evidence.ANCHORS if seen.has(each.name)),
        "lockfiles": sorted(names & evidence.LOCKFILES.keys()),
        "confidence": {**sure},
        "package_name": _package_name(place, names),
    }
    tiers = options.get("tiers")
    if type(tiers) is list and "config" in tiers:
        found |= _configuration(place, names)
    return found


def _names(place: str) -> list[str]:
    try:
        return sorted(os.listdir(place))
    except OSError:
        return []


def _package_name(place: str, names: set[str]) -> str | None:
    """The name that the manifests give the package."""
    if "Cargo.toml" in names:
        found = _at(evidence.toml_of(place, "Cargo.toml"), "package", "name")
        if found:
            return found
    if "package.json" in names:
        found = _at(evidence.json_of(place, "package.json"), "name")
        if found:
            return found
    if "pyproject.toml" in names:
        table = evidence.toml_of(place, "pyproject.toml")
        found = _at(table, "project", "name") or _at(table, "tool", "poetry", "name")
        if found:
            return found
    if "go.mod" in names:
        match = re.search(r"^module[ \t]+(\S+)", evidence.text_of(place, "go.mod"), re.MULTILINE)
        if match:
            return match[1]
    if "Package.swift" in names:
        match = re.search(r'name:\s*"([^"]+)"', evidence.text_of(place, "Package.swift"))
        if match:
            return match[1]
    if "harn.toml" in names:
        return _at(evidence.toml_of(place, "harn.toml"), "package", "name")
    return None


def _at(value: Any, *keys: str) -> str | None:
    for key in keys:
        value = value.get(key) if type(value) is dict else None
    return value if type(value) is str else None


def _configuration(place: str, names: set[str]) -> dict[str, object]:
    scripts = evidence.json_of(place, "package.json").get("scripts") if "package.json" in names else None
    declared = {key: display(each) for key, each in scripts.items()} if type(scripts) is dict else {}
    makefile = evidence.text_of(place, "Makefile") if "Makefile" in names else ""
    dockerfile = evidence.text_of(place, "Dockerfile") if "Dockerfile" in names else ""
    readme = next((name for name in sorted(names) if name.lower().startswith("readme")), None)
    fences = re.findall(r"^```([\w+-]+)", evidence.text_of(place, readme), re.MULTILINE) if readme else []
    commands = [
        command
        for name, several in (
            ("Cargo.toml", ["cargo build", "cargo test"]),
            ("go.mod", ["go build ./...", "go test ./..."]),
            ("Package.swift", ["swift build", "swift test"]),
            ("mix.exs", ["mix compile", "mix test"]),
        )
        if name in names
        for command in several
    ]
    commands += [f"npm run {name}" for name in ("build", "test", "lint") if name in declared]
    targets = [
        name
        for name in re.findall(r"^([A-Za-z0-9][\w./-]*)[ \t]*:(?!=)", makefile, re.MULTILINE)
        if not name.startswith(".")
    ]
    return {
        "build_commands": [*commands, *(f"make {name}" for name in targets if name in ("build", "test"))],
        "declared_scripts": declared,
        "makefile_targets": list(dict.fromkeys(targets)),
        "dockerfile_commands": re.findall(r"^(?:RUN|CMD|ENTRYPOINT)[ \t]+(.+)$", dockerfile, re.MULTILINE),
        "readme_code_fences": list(dict.fromkeys(fences)),
    }


def _tree(place: str, options: dict[str, object]) -> Iterator[str]:
    """The directories of a tree by their paths from its root, sorted within each."""
    depth = options.get("max_depth")
    most = max(depth, 0) if type(depth) is int else _TREE_DEPTH
    hidden, vendored = bool(options.get("include_hidden")), bool(options.get("include_vendor"))
    count = 0
    open_ones = [(".", 0)]
    while open_ones and count < _MOST_DIRECTORIES:
        relative, level = open_ones.pop(0)
        count += 1
        yield relative
        if level >= most:
            continue
        for name in _names(os.path.join(place, relative)):
            inner = name if relative == "." else f"{relative}/{name}"
            full = os.path.join(place, inner)
            if not os.path.isdir(full) or os.path.islink(full):
                continue
            if (hidden or not name.startswith(".")) and (vendored or name not in evidence.VENDORED):
                open_ones.append((inner, level + 1))


def _scanned_tree(place: str, options: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for relative in _tree(place, options):
        each = _evidence(os.path.join(place, relative), options)
        if relative == "." or each["anchors"] or each["lockfiles"]:
            found[relative] = each
    return found


@builtin("project_scan_tree_native(path?, options?)", section="21", effect="system", context=True)
async def project_scan_tree_native(
    rt: SystemContext, path: object = None, options: object = None
) -> dict[str, object]:
    """What `project_scan_native` tells of a directory and of all below it that have a manifest, by path.
    Options: `tiers`, `max_depth = 3`, `include_hidden`, `include_vendor`."""
    place = located(rt, "project_scan_tree", "." if path is None else path)
    return await on_disk("project_scan_tree", _scanned_tree, place, _options(options))


def _walked(place: str, options: dict[str, object]) -> list[object]:
    return [*_tree(place, options)]


@builtin("project_walk_tree_native(path?, options?)", section="21", effect="system", context=True)
async def project_walk_tree_native(
    rt: SystemContext, path: object = None, options: object = None
) -> list[object]:
    """The directories that a scan of the tree looks into."""
    place = located(rt, "project_walk_tree", "." if path is None else path)
    return await on_disk("project_walk_tree", _walked, place, _options(options))


@builtin("project_catalog_native()", section="21")
def project_catalog_native() -> list[object]:
    """The files that scans know: `{name, kind, language, build_system, package_manager, confidence}`."""
    anchors: list[object] = [
        {
            "name": each.name,
            "kind": "anchor",
            "language": each.language,
            "build_system": each.build,
            "package_manager": each.manager,
            "confidence": each.confidence,
        }
        for each in evidence.ANCHORS
    ]
    return anchors + [
        {
            "name": name,
            "kind": "lockfile",
            "language": None,
            "build_system": None,
            "package_manager": manager,
            "confidence": 1.0,
        }
        for name, manager in evidence.LOCKFILES.items()
    ]
