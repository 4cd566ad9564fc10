"""What the files of a directory tell about the project in it: languages, tools, tests.

For `project_fingerprint` and `project_scan`. Rules: docs/builtins.md#store-checkpoint-metadata-project.
"""

import os
import re
from dataclasses import dataclass
from typing import Any, Final

from harnlet_builtins.json_reader import JsonError, parse

_LARGEST: Final = 1024 * 1024
"""Bytes of a manifest that are read."""
_MOST_ENTRIES: Final = 5_000
"""Names of a directory tree that are looked at."""
_MOST_DEPTH: Final = 3
# fmt: off
VENDORED: Final = frozenset((
    "node_modules", "target", "dist", "build", "vendor", "venv", "__pycache__", "site-packages",
    "bower_components", "Pods", "DerivedData",
))
# fmt: on
"""Directories that hold other people's work, or what was made."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A file that says what a directory is. `*.x` is any file with that ending."""

    name: str
    language: str | None
    build: str | None
    manager: str | None = None
    confidence: float = 0.9


ANCHORS: Final = (
    Anchor("Cargo.toml", "rust", "cargo", "cargo"),
    Anchor("package.json", "javascript", "npm", None, 0.8),
    Anchor("tsconfig.json", "typescript", None),
    Anchor("pyproject.toml", "python", "python"),
    Anchor("setup.py", "python", "setuptools", "pip"),
    Anchor("setup.cfg", "python", None, None, 0.6),
    Anchor("requirements.txt", "python", None, "pip", 0.6),
    Anchor("go.mod", "go", "go", "go"),
    Anchor("Package.swift", "swift", "swiftpm", "swiftpm"),
    Anchor("Gemfile", "ruby", "bundler", "bundler"),
    Anchor("pom.xml", "java", "maven", "maven"),
    Anchor("build.gradle", "java", "gradle", "gradle"),
    Anchor("build.gradle.kts", "kotlin", "gradle", "gradle"),
    Anchor("composer.json", "php", "composer", "composer"),
    Anchor("mix.exs", "elixir", "mix", "mix"),
    Anchor("pubspec.yaml", "dart", "pub", "pub"),
    Anchor("build.zig", "zig", "zig", "zig"),
    Anchor("stack.yaml", "haskell", "stack", "stack"),
    Anchor("*.cabal", "haskell", "cabal", "cabal"),
    Anchor("*.csproj", "csharp", "dotnet", "nuget"),
    Anchor("*.sln", "csharp", "dotnet", "nuget", 0.7),
    Anchor("CMakeLists.txt", "cpp", "cmake", None, 0.7),
    Anchor("meson.build", "cpp", "meson", None, 0.6),
    Anchor("harn.toml", "harn", None, None, 0.5),
    Anchor("Makefile", None, "make"),
    Anchor("justfile", None, "just"),
    Anchor("Dockerfile", None, "docker"),
)
LOCKFILES: Final = {
    "Cargo.lock": "cargo",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "poetry.lock": "poetry",
    "uv.lock": "uv",
    "Pipfile.lock": "pipenv",
    "pdm.lock": "pdm",
    "go.sum": "go",
    "Gemfile.lock": "bundler",
    "composer.lock": "composer",
    "Package.resolved": "swiftpm",
    "mix.lock": "mix",
    "pubspec.lock": "pub",
}
SUFFIXES: Final = {
    ".rs": "rust",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".py": "python",
    ".go": "go",
    ".swift": "swift",
    ".rb": "ruby",
    ".java": "java",
    ".kt": "kotlin",
    ".php": "php",
    ".ex": "elixir",
    ".exs": "elixir",
    ".dart": "dart",
    ".zig": "zig",
    ".hs": "haskell",
    ".cs": "csharp",
    ".c": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".harn": "harn",
}
_FRAMEWORKS: Final = {
    "javascript": [
        "next",
        "react",
        "vue",
        "svelte",
        "angular",
        "express",
        "fastify",
        "nestjs",
        "nuxt",
        "astro",
        "remix",
        "electron",
    ],
    "python": ["django", "flask", "fastapi", "starlette", "pyramid", "tornado", "aiohttp"],
    "rust": ["axum", "actix-web", "rocket", "tokio", "tauri", "bevy", "warp"],
    "ruby": ["rails", "sinatra"],
    "go": ["gin", "echo", "fiber", "chi"],
}
_PACKAGES: Final = {"@angular/core": "angular", "@nestjs/core": "nestjs", "@remix-run/react": "remix"}
_CI: Final = (
    (".github/workflows", "github-actions"),
    (".gitlab-ci.yml", "gitlab-ci"),
    (".circleci", "circleci"),
    (".travis.yml", "travis"),
    ("azure-pipelines.yml", "azure-pipelines"),
    ("Jenkinsfile", "jenkins"),
    (".buildkite", "buildkite"),
    ("bitbucket-pipelines.yml", "bitbucket-pipelines"),
)
_VCS: Final = ((".git", "git"), (".hg", "mercurial"), (".jj", "jujutsu"), (".svn", "subversion"))
_TEST_NAMES: Final = re.compile(
    r"(test_.+|.+_test)\.(py|go|rb|exs|dart)|.+\.(test|spec)\.[jt]sx?|.+(Test|Tests)\.(java|kt|swift|cs)"
)
_TEST_FOLDERS: Final = frozenset({"test", "tests", "spec", "__tests__", "Tests", "conformance"})


def text_of(place: str, name: str) -> str:
    """The text of a file, as far as a manifest goes; empty when there is none."""
    try:
        with open(os.path.join(place, name), "rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def json_of(place: str, name: str) -> dict[str, Any]:
    """The dict in a JSON file; an empty one when there is none."""
    try:
        found = parse(text_of(place, name))
    except JsonError:
        return {}
    return found if type(found) is dict else {}


def toml_of(place: str, name: str) -> dict[str, Any]:
    """The table in a TOML file; an empty one when there is none."""
    import tomllib

    try:
        return tomllib.loads(text_of(place, name))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


@dataclass(slots=True)
class Seen:
    """The names in a directory and below it, as far as they are looked at."""

    names: set[str]
    below: list[str]

    def has(self, pattern: str) -> bool:
        """Whether there is a file of that name, or for `*.x` one with that ending."""
        if pattern.startswith("*"):
            return any(name.endswith(pattern[1:]) for name in self.names)
        return pattern in self.names


def look(place: str) -> Seen:
    """The names in a directory, and the paths of the files below it but for hidden and vendored ones."""
    names = {entry.name for entry in _entries(place)}
    below: list[str] = []
    open_ones = [(place, "", 0)]
    while open_ones and len(below) < _MOST_ENTRIES:
        folder, prefix, depth = open_ones.pop(0)
        for entry in _entries(folder):
            if entry.name.startswith(".") or entry.name in VENDORED:
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append(f"{prefix}{entry.name}/")
                if depth < _MOST_DEPTH:
                    open_ones.append((entry.path, f"{prefix}{entry.name}/", depth + 1))
            else:
                below.append(f"{prefix}{entry.name}")
    return Seen(names, below)


def _entries(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def dependencies(place: str, seen: Seen) -> dict[str, set[str]]:
    """The packages that the manifests name, by language."""
    found: dict[str, set[str]] = {
        "javascript": set(),
        "python": set(),
        "rust": set(),
        "ruby": set(),
        "go": set(),
    }
    package = json_of(place, "package.json") if "package.json" in seen.names else {}
    for key in ("dependencies", "devDependencies", "peerDependencies"):
        part = package.get(key)
        found["javascript"] |= set(part) if type(part) is dict else set()
    if "pyproject.toml" in seen.names:
        table = toml_of(place, "pyproject.toml")
        found["python"] |= _python_names(table)
    if "requirements.txt" in seen.names:
        found["python"] |= _requirement_names(text_of(place, "requirements.txt").splitlines())
    if "Cargo.toml" in seen.names:
        table = toml_of(place, "Cargo.toml")
        for key in ("dependencies", "dev-dependencies"):
            part = table.get(key)
            found["rust"] |= set(part) if type(part) is dict else set()
    if "Gemfile" in seen.names:
        for line in text_of(place, "Gemfile").splitlines():
            match = re.match(r"""gem\s+["']([^"']+)""", line.strip())
            if match is not None:
                found["ruby"].add(match[1])
    if "go.mod" in seen.names:
        for line in text_of(place, "go.mod").splitlines():
            words = line.removeprefix("require").split()
            if len(words) > 1 and "." in words[0] and words[1].startswith("v"):
                found["go"] |= set(words[0].split("/"))
    return found


def _python_names(table: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    project, tool = table.get("project"), table.get("tool")
    if type(project) is dict:
        listed = project.get("dependencies")
        optional = project.get("optional-dependencies")
        groups = [listed, *(optional.values() if type(optional) is dict else ())]
        for group in groups:
            found |= _requirement_names(group) if type(group) is list else set()
    poetry = tool.get("poetry") if type(tool) is dict else None
    if type(poetry) is dict:
        for key in ("dependencies", "dev-dependencies"):
            part = poetry.get(key)
            found |= {name.lower() for name in part} if type(part) is dict else set()
    return found


def _requirement_names(lines: list[Any]) -> set[str]:
    names = (re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line) for line in lines if type(line) is str)
    return {match[1].lower() for match in names if match is not None}


def frameworks(found: dict[str, set[str]]) -> list[str]:
    """The frameworks among the packages, sorted."""
    names: set[str] = set()
    for language, known in _FRAMEWORKS.items():
        packages = found[language]
        names |= {each for each in known if each in packages}
        names |= {_PACKAGES[each] for each in packages if each in _PACKAGES}
    return sorted(names)


def vcs(place: str) -> str | None:
    """The version control that a directory, or one above it, is under."""
    directory = place
    while True:
        for name, system in _VCS:
            if os.path.exists(os.path.join(directory, name)):
                return system
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above


def ci(place: str) -> list[str]:
    """The services that test the project, sorted."""
    return sorted(system for name, system in _CI if os.path.exists(os.path.join(place, name)))


def has_tests(seen: Seen) -> bool:
    """Whether there are tests, by the names of files and directories."""
    for path in seen.below:
        name = path.rstrip("/").rpartition("/")[2]
        if (path.endswith("/") and name in _TEST_FOLDERS) or _TEST_NAMES.fullmatch(name):
            return True
    return False


def languages(seen: Seen) -> dict[str, float]:
    """How sure each language is, most certain first: by the manifests, then by how many files there are."""
    found: dict[str, float] = {}
    for anchor in ANCHORS:
        if anchor.language is not None and seen.has(anchor.name):
            found[anchor.language] = max(found.get(anchor.language, 0), anchor.confidence)
    counts: dict[str, int] = {}
    for path in seen.below:
        language = SUFFIXES.get(os.path.splitext(path)[1])
        if language is not None:
            counts[language] = counts.get(language, 0) + 1
    if "typescript" in found and "javascript" in found and "javascript" not in counts:
        # Its package.json is that of TypeScript.
        del found["javascript"]
    for language in counts:
        found.setdefault(language, 0.4)
    order = sorted(found, key=lambda each: (-found[each], -counts.get(each, 0), each))
    return {each: found[each] for each in order}
