"""The store of a project and the checkpoints of a script (docs/builtins.md#store-checkpoint-metadata-project)."""

import json
from pathlib import Path
from typing import Any

import pytest

from harnlet import Interpreter

STORE = """
    store_set("b", {x: [1, 2.5, nil, true, "é"], lost: 5s, also: Ok(1)})
    store_set("a", 1)
    store_set(5, "number")
    return [store_get("b"), store_get("none"), store_list(), store_delete("a"), store_delete("none"), store_list()]
"""


async def run(folder: Path, source: str, name: str = "main.harn", **options: Any) -> Any:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    async with Interpreter(**{"capabilities": "all", **options}) as harn:
        return await harn.run(harn.compile(source, filename=str(file)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("HARN_STATE_DIR", raising=False)
    return tmp_path


def on_disk(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


async def test_the_store_is_written_on_every_change(folder: Path) -> None:
    kept = {"x": [1, 2.5, None, True, "é"], "lost": None, "also": None}
    assert await run(folder, STORE) == [kept, None, ["5", "a", "b"], None, None, ["5", "b"]]
    file = folder / ".harn" / "store.json"
    assert on_disk(file) == {"5": "number", "b": kept}
    assert file.read_text(encoding="utf-8").startswith('{\n  "5"')
    assert await run(folder, "store_save()\nreturn store_get(5)") == "number"
    assert await run(folder, "store_clear()\nreturn store_list()") == []
    assert on_disk(file) == {}


async def test_the_store_belongs_to_the_project(folder: Path) -> None:
    (folder / "harn.toml").write_text("")
    await run(folder, 'store_set("k", 1)', "deep/er/one.harn")
    (folder / "deep" / "lib.harn").write_text('pub fn remembered() { return store_get("k") }')
    assert await run(folder, 'import "lib"\nreturn remembered()', "deep/two.harn") == 1
    assert (folder / ".harn" / "store.json").is_file()


async def test_tasks_do_not_lose_each_others_changes(folder: Path) -> None:
    source = "parallel 20 { i -> store_set(i, i) }\nreturn len(store_list())"
    assert await run(folder, source) == 20
    assert len(on_disk(folder / ".harn" / "store.json")) == 20


async def test_a_file_that_makes_no_sense_is_an_empty_store(folder: Path) -> None:
    (folder / ".harn").mkdir()
    (folder / ".harn" / "store.json").write_text("[1")
    assert await run(folder, "return store_list()") == []


async def test_checkpoints_belong_to_a_script(folder: Path) -> None:
    source = """
        checkpoint("a", [1])
        checkpoint("n", nil)
        return [checkpoint_get("a"), checkpoint_get("x"), checkpoint_list(), checkpoint_exists("n"), checkpoint_exists("x")]
    """
    assert await run(folder, source, "one.harn") == [[1], None, ["a", "n"], True, False]
    assert on_disk(folder / ".harn" / "checkpoints" / "one.json") == {"a": [1], "n": None}
    assert await run(folder, "return checkpoint_list()", "two.harn") == []
    after = 'checkpoint_delete("a")\nlet left = checkpoint_list()\ncheckpoint_clear()\nreturn [left, checkpoint_list()]'
    assert await run(folder, after, "one.harn") == [["n"], []]
    assert not (folder / ".harn" / "checkpoints" / "one.json").exists()
    assert await run(folder, "return checkpoint_clear()", "one.harn") is None


async def test_stages_are_done_once(folder: Path) -> None:
    source = """
        import "std/checkpoint"
        let tries = atomic(0)
        fn flaky() {
          atomic_add(tries, 1)
          if atomic_get(tries) < 3 { throw "no" }
          return "done"
        }
        let first = checkpoint_stage("s", { -> 1 })
        let again = checkpoint_stage("s", { -> 2 })
        let failed = try { checkpoint_stage_retry("t", 2, flaky) } catch e { e }
        return [first, again, failed, checkpoint_stage_retry("t", 2, flaky), checkpoint_stage_retry("t", 2, { -> 5 })]
    """
    failed = "checkpoint_stage_retry failed after 2 attempts: no"
    assert await run(folder, source) == [1, 1, failed, "done", "done"]


@pytest.mark.parametrize("call", ['store_get("a")', 'store_set("a", 1)', "checkpoint_list()", "checkpoint_clear()"])
async def test_files_are_needed(folder: Path, call: str) -> None:
    name = call.partition("(")[0]
    told = await run(folder, f"return try {{ {call} }} catch e {{ e }}", capabilities="none")
    assert told == f"Error [permission_denied]: {name} needs the capability files"
    assert not (folder / ".harn").exists()


async def test_what_cannot_be_written_is_said(folder: Path) -> None:
    (folder / ".harn").write_text("a file")
    told = await run(folder, 'return try { store_set("a", 1) } catch e { e }')
    assert told.startswith("store_set: ")
    assert await run(folder, 'return try { store_get("a") } catch e { e }') is None


async def test_how_fresh_a_key_is(folder: Path) -> None:
    source = """
        import "std/collections"
        mock_time(1000000)
        let never = store_stale("k", 60)
        store_refresh("k")
        advance_time(60000)
        let fresh = store_stale("k", 60)
        advance_time(1)
        return [never, fresh, store_stale("k", 60), store_get("k_ts")]
    """
    assert await run(folder, source) == [True, False, True, 1000.0]
