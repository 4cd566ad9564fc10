"""Scans of directories, facts about them, fingerprints (docs/builtins.md#store-checkpoint-metadata-project)."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embed.builtins_support import CategorisedFault, Duration, Run, system_problem
from harnlet import Interpreter
from harnlet_builtins.directory_scans import matcher
from harnlet_builtins.metadata_store import MetadataStore, file_name, normal_directory
from harnlet_builtins.state_files import as_json, read_state, write_state


def put(root: Path, files: dict[str, str]) -> None:
    """Write files below a directory."""
    for name, text in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, with a program in one of its directories, which is the current one."""
    put(tmp_path, {"harn.toml": "", "scripts/main.harn": ""})
    monkeypatch.chdir(tmp_path / "scripts")
    return tmp_path


# --- scan_directory -----------------------------------------------------------------------------------


async def scanned(root: Path, *arguments: object) -> list[str]:
    found: Any = await Run("files").system("scan_directory", str(root), *arguments)
    return [each["path"] for each in found]


async def test_a_scan(tmp_path: Path) -> None:
    put(tmp_path, {"a.txt": "hello", "src/b.rs": "", "src/deep/c.rs": "", ".hidden/d": "", ".e": ""})
    os.utime(tmp_path / "a.txt", (1_000, 1_234.9))
    found: Any = await Run("files").system("scan_directory", str(tmp_path))
    assert [each["path"] for each in found] == ["a.txt", "src", "src/b.rs", "src/deep", "src/deep/c.rs"]
    assert found[0] == {"path": "a.txt", "size": 5, "modified": 1_234, "is_dir": False}
    assert found[1]["is_dir"] is True
    assert await scanned(tmp_path, "*.rs") == ["src/b.rs", "src/deep/c.rs"]
    assert await scanned(tmp_path, "deep") == ["src/deep", "src/deep/c.rs"]
    assert await scanned(tmp_path, "**/c.rs", {"include_dirs": False}) == ["src/deep/c.rs"]
    assert await scanned(tmp_path, {"include_files": False}) == ["src", "src/deep"]
    assert await scanned(tmp_path, {"pattern": ".rs", "max_depth": 1}) == ["src/b.rs"]
    assert await scanned(tmp_path, None, {"include_hidden": True, "max_depth": 0}) == [
        ".e",
        ".hidden",
        "a.txt",
        "src",
    ]
    assert await scanned(tmp_path / "nowhere") == []
    assert await system_problem(Run(), "scan_directory") == (
        CategorisedFault,
        "Error [permission_denied]: scan_directory needs the capability files",
    )


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
async def test_a_scan_does_not_follow_links(tmp_path: Path) -> None:
    put(tmp_path, {"a/x": ""})
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "gone").symlink_to(tmp_path / "nowhere")
    assert await scanned(tmp_path) == ["a", "a/loop", "a/x"]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("b", "abc", True),
        ("*.rs", "src/a.rs", True),
        ("src/*.rs", "lib/a.rs", False),
        ("a*a", "a", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*b", "ab", False),
        ("src/**/*.rs", "src/a.rs", True),
        ("src/**/*.rs", "src/x/y/a.rs", True),
        ("src/**/*.rs", "src/x/y/a.py", False),
        ("**", "anything/at/all", True),
        ("src/**", "src/a", True),
        ("**/?.rs", "x/ab.rs", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matcher(pattern)(path) is expected


# --- metadata -----------------------------------------------------------------------------------------


async def test_facts_are_inherited(project: Path) -> None:
    run = Run("files")
    for directory, space, facts in [
        (".", "a", {"x": 1, "y": 1}),
        ("src", "a", {"y": 2}),
        ("./src/deep/", "b", {"x": 3}),
        ("src", "a", {"z": Duration(5), "l": [Duration(5)]}),
        ("src", "a", {}),
        ("src", "a", None),
    ]:
        await run.system("metadata_set", directory, space, facts)
    assert await run.system("metadata_get", "src/deep", "a") == {"x": 1, "y": 2, "z": None, "l": [None]}
    assert await run.system("metadata_get", "src/deep") == {"x": 3, "y": 2, "z": None, "l": [None]}
    assert await run.system("metadata_get", "other") == {"x": 1, "y": 1}
    assert await run.system("metadata_get", "src", "none") is None
    assert await run.system("metadata_resolve", "src/deep") == {
        "a": {"x": 1, "y": 2, "z": None, "l": [None]},
        "b": {"x": 3},
    }
    assert await run.system("metadata_resolve", "src/deep", "b") == {"x": 3}
    assert await run.system("metadata_entries", "b") == [
        {"dir": "src/deep", "local": {"x": 3}, "resolved": {"x": 3}}
    ]
    entries: Any = await run.system("metadata_entries")
    assert [each["dir"] for each in entries] == [".", "src", "src/deep"]
    assert entries[2]["local"] == {"b": {"x": 3}}
    assert await run.system("metadata_get", "src/deep", "b") == {"x": 3}


async def test_facts_are_saved_on_demand(project: Path) -> None:
    run = Run("files")
    await run.system("metadata_set", ".", "a b/..", {"n": 1})
    await run.system("metadata_set", "src", "plain", {"n": 2.5})
    assert await Run("files").system("metadata_get", ".") is None
    await run.system("metadata_save")
    folder = project / ".harn" / "metadata"
    assert sorted(os.listdir(folder)) == ["a_20b_2F_2E_2E", "plain"]
    assert json.loads((folder / "plain" / "entries.json").read_text())["entries"] == {"src": {"n": 2.5}}
    other = Run("files")
    assert await other.system("metadata_get", ".", "a b/..") == {"n": 1}
    assert await other.system("metadata_get", str(project / "src" / "x"), "plain") == {"n": 2.5}
    assert await other.system("metadata_get", "src") == {"n": 2.5}
    assert os.listdir(folder / "plain") == ["entries.json"]


async def test_a_project_without_a_manifest_is_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"here/main.harn": 'metadata_set(".", "a", {n: 1})\nmetadata_save()'})
    main = tmp_path / "here" / "main.harn"
    async with Interpreter(capabilities={"files"}) as harn:
        await harn.run(harn.compile(main.read_text(), filename=str(main)))
    assert (tmp_path / "here" / ".harn" / "metadata" / "a" / "entries.json").exists()
    monkeypatch.setenv("HARN_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path / "here")
    assert await Run("files").system("metadata_get", ".") is None


async def test_hashes(project: Path) -> None:
    put(project, {"src/a.txt": "one", "src/b.txt": "two"})
    run = Run("files")
    await run.system("metadata_set", "src", "facts", {"n": 1})
    status: Any = await run.system("metadata_status")
    assert status == {
        "directory_count": 1,
        "namespace_count": 1,
        "namespaces": ["facts"],
        "directories": ["src"],
        "missing_structure_hash": ["src"],
        "missing_content_hash": ["src"],
        "stale": {"any_stale": False, "tier1": [], "tier2": []},
    }
    await run.system("metadata_refresh_hashes")
    status = await run.system("metadata_status")
    assert (status["missing_structure_hash"], status["namespaces"]) == ([], ["classification", "facts"])
    before = await run.system("compute_content_hash", "src")
    known: Any = await run.system("metadata_get", "src", "classification")
    assert known["contentHash"] == before
    assert len(bytes.fromhex(before)) == 32
    put(project, {"src/a.txt": "changed"})
    assert await run.system("compute_content_hash", "src") != before
    assert await run.system("metadata_stale", ".") == {"any_stale": True, "tier1": [], "tier2": ["src"]}
    put(project, {"src/c.txt": ""})
    assert await run.system("metadata_stale", ".") == {"any_stale": True, "tier1": ["src"], "tier2": ["src"]}
    await run.system("metadata_refresh_hashes")
    assert await run.system("metadata_stale", ".") == {"any_stale": False, "tier1": [], "tier2": []}
    assert await run.system("compute_content_hash", "nowhere") == ""
    run.call("invalidate_facts", "src")


@settings(deadline=None)
@given(st.lists(st.text("ab._/ \\A2E", max_size=6), unique=True, max_size=8))
def test_two_namespaces_never_share_a_file(names: list[str]) -> None:
    files = {file_name(name) for name in names}
    assert all(name and not set(name) & set("/.\\ ") for name in files)
    assert len(files) == len(names)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", ".", "..", ""]), max_size=6))
def test_directories_are_brought_into_one_form(parts: list[str]) -> None:
    text = "/".join(parts)
    once = normal_directory(text)
    assert once == normal_directory(once) == normal_directory(f"./{once}/")
    assert once == "." or ".." in once.split("/") or not {"", "."} & set(once.split("/"))


def test_state_files(tmp_path: Path) -> None:
    place = str(tmp_path / "deep" / "state.json")
    assert read_state(place) == {}
    write_state(place, {"b": 1, "a": [None, 1.5, "x"]})
    assert read_state(place) == {"b": 1, "a": [None, 1.5, "x"]}
    assert Path(place).read_text().startswith('{\n  "a": [\n')
    for broken in ("", "[1]", '{"a":', "\x00"):
        Path(place).write_text(broken)
        assert read_state(place) == {}
    assert as_json({"a": [Duration(1), {"b": b"x"}], "c": True}) == {"a": [None, {"b": None}], "c": True}


def test_a_store_keeps_its_shards_apart(tmp_path: Path) -> None:
    store = MetadataStore(str(tmp_path), str(tmp_path / "m"))
    store.merge("d", "one", {"a": 1})
    store.save()
    (tmp_path / "m" / "one" / "entries.json").unlink()
    store.merge("d", "two", {"a": 2})
    store.save()
    assert os.listdir(tmp_path / "m" / "two") == ["entries.json"]
    assert os.listdir(tmp_path / "m" / "one") == []


# --- fingerprints and scans ---------------------------------------------------------------------------

PROJECTS: list[tuple[dict[str, str], dict[str, object]]] = [
    (
        {"Cargo.toml": '[package]\nname = "c"\n[dependencies]\naxum = "1"\n', "Cargo.lock": "", "src/main.rs": "", "tests/a.rs": "", ".github/workflows/ci.yml": ""},
        {"primary_language": "rust", "languages": ["rust"], "frameworks": ["axum"], "package_manager": "cargo", "package_managers": ["cargo"], "test_runner": "cargo", "build_tool": "cargo", "ci": ["github-actions"], "has_tests": True, "has_ci": True, "lockfile_paths": ["Cargo.lock"]},
    ),
    (
        {"package.json": '{"name": "w", "dependencies": {"react": "1", "next": "1"}, "devDependencies": {"vitest": "1"}}', "tsconfig.json": "", "pnpm-lock.yaml": "", "src/a.test.tsx": ""},
        {"primary_language": "typescript", "languages": ["typescript"], "frameworks": ["next", "react"], "package_manager": "pnpm", "package_managers": ["pnpm"], "test_runner": "vitest", "build_tool": "next", "ci": [], "has_tests": True, "has_ci": False, "lockfile_paths": ["pnpm-lock.yaml"]},
    ),
    (
        {"pyproject.toml": '[project]\nname = "p"\ndependencies = ["Django>=4", "httpx"]\n[project.optional-dependencies]\ndev = ["pytest"]\n', "uv.lock": "", "p/a.py": "", "node_modules/x/package.json": "{}"},
        {"primary_language": "python", "languages": ["python"], "frameworks": ["django"], "package_manager": "uv", "package_managers": ["uv"], "test_runner": "pytest", "build_tool": "python", "has_tests": False, "lockfile_paths": ["uv.lock"]},
    ),
    (
        {"go.mod": "module example.com/x\n\nrequire github.com/gin-gonic/gin v1.0.0\n", "a_test.go": ""},
        {"primary_language": "go", "frameworks": ["gin"], "package_managers": ["go"], "test_runner": "go", "build_tool": "go", "has_tests": True},
    ),
    (
        {"package.json": "{", "a.js": "", "b.py": ""},
        {"languages": ["javascript", "python"], "package_managers": ["npm"], "test_runner": None, "build_tool": "npm"},
    ),
    (
        {"notes.txt": ""},
        {"primary_language": None, "languages": [], "frameworks": [], "package_manager": None, "package_managers": [], "test_runner": None, "build_tool": None, "vcs": None, "ci": [], "has_tests": False, "has_ci": False, "lockfile_paths": []},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), PROJECTS)
async def test_fingerprints(tmp_path: Path, files: dict[str, str], expected: dict[str, object]) -> None:
    put(tmp_path, files)
    found: Any = await Run("files").system("project_fingerprint", str(tmp_path))
    assert sorted(found) == sorted(PROJECTS[-1][1])
    assert {name: found[name] for name in expected} == expected


async def test_version_control(tmp_path: Path) -> None:
    put(tmp_path, {".git/HEAD": "", "src/a": ""})
    for place in (tmp_path, tmp_path / "src"):
        found: Any = await Run("files").system("project_fingerprint", str(place))
        assert found["vcs"] == "git"


async def test_the_module(project: Path) -> None:
    put(
        project,
        {
            "Cargo.toml": '[package]\nname = "crate"\n',
            "web/package.json": '{"name": "site", "scripts": {"build": "vite", "test": "vitest"}}',
            "web/Makefile": "build:\n\techo\n.PHONY: build\nother: build\nX := 1\n",
            "web/Dockerfile": "FROM x\nRUN a b\nCMD c\n",
            "web/README.md": "```bash\nx\n```\n```py\n```\n```bash\n```\n",
            "empty/notes.txt": "",
        },
    )
    main = project / "scripts" / "main.harn"
    source = f"""
        import {{ project_scan, project_scan_tree, project_scan_paths, project_catalog, project_inventory,
                  project_deep_scan, project_deep_scan_status, project_stale, project_stale_dirs, project_enrich,
                  project_requires_refresh, metadata_namespace, metadata_local_namespace }} from "std/project"
        let root = "{project.as_posix()}"
        metadata_set("web", "facts", {{n: 1}})
        metadata_set(".", "facts", {{m: 2}})
        let first = project_deep_scan(root)
        let scanned = metadata_get(root, "project-scan").scanned_at
        return {{
            scan: project_scan(root),
            web: project_scan(root + "/web", {{tiers: ["ambient", "config"]}}),
            paths: project_scan_paths(root),
            tree: project_scan_tree(root).keys(),
            names: project_catalog().map({{ each -> each.name }}),
            inventory: project_inventory("facts").entries.map({{ each -> each.dir }}),
            resolved: metadata_namespace("web", "facts"),
            local: metadata_local_namespace("web", "facts"),
            none: metadata_local_namespace("web", "other"),
            stale: project_stale(),
            dirs: project_stale_dirs(),
            refresh: project_requires_refresh(),
            deep: first.keys(),
            again: project_deep_scan(root) == first,
            kept: metadata_get(".", "project-scan").scanned_at == scanned,
            status: project_deep_scan_status("project-scan", root),
            enrich: try {{ project_enrich(root) }} catch e {{ e }},
        }}
    """
    async with Interpreter(capabilities={"files"}) as harn:
        found: Any = await harn.run(harn.compile(source, filename=str(main)))
    assert found["scan"] == {
        "path": str(project),
        "languages": ["rust", "harn"],
        "frameworks": [],
        "build_systems": ["cargo"],
        "vcs": None,
        "anchors": ["Cargo.toml", "harn.toml"],
        "lockfiles": [],
        "confidence": {"rust": 0.9, "harn": 0.5},
        "package_name": "crate",
    }
    assert found["web"]["package_name"] == "site"
    assert found["web"]["declared_scripts"] == {"build": "vite", "test": "vitest"}
    assert found["web"]["makefile_targets"] == ["build", "other"]
    assert found["web"]["build_commands"] == ["npm run build", "npm run test", "make build"]
    assert found["web"]["dockerfile_commands"] == ["a b", "c"]
    assert found["web"]["readme_code_fences"] == ["bash", "py"]
    assert found["paths"] == found["tree"] == found["deep"] == [".", "web"]
    assert {"Cargo.toml", "Cargo.lock"} <= set(found["names"])
    assert found["inventory"] == [".", "web"]
    assert (found["resolved"], found["local"], found["none"]) == ({"m": 2, "n": 1}, {"n": 1}, {})
    assert (found["stale"]["any_stale"], found["dirs"], found["refresh"]) == (False, [], True)
    assert (found["again"], found["kept"]) == (True, True)
    assert (found["status"]["scanned"], found["status"]["stale"]) == (True, False)
    assert found["enrich"].startswith("Runtime error: unsupported in Harnlet: project_enrich_native")


async def test_walking_a_tree(tmp_path: Path) -> None:
    put(tmp_path, {"a/b/c/d/e": "", "node_modules/x/y": "", ".h/x": ""})
    run = Run("files")
    assert await run.system("project_walk_tree_native", str(tmp_path)) == [".", "a", "a/b", "a/b/c"]
    options: dict[str, object] = {"max_depth": 1, "include_vendor": True, "include_hidden": True}
    assert await run.system("project_walk_tree_native", str(tmp_path), options) == [".", ".h", "a", "node_modules"]
