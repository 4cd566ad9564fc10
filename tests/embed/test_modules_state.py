"""How modules start, keep their variables, and import each other (docs/language.md#module-initialisation)."""

from pathlib import Path

from embed.modules_support import run
from harnlet import Interpreter

LIBRARY = """
pub fn shown() { return "shown with " + hidden() }
fn hidden() { return "hidden" }
"""


# --- starting and state ----------------------------------------------------------------------------


async def test_trap_32_only_variables_and_declarations_of_a_module_run(tmp_path: Path) -> None:
    lib = """
        println("never")
        let first = println("first variable")
        for i in [1] { println("never") }
        if true { println("never") }
        let second = println("second variable")
        pub fn f() { return "f" }
        f()
        pipeline main(task) { println("never") }
    """
    files = {"lib.harn": lib, "main.harn": 'import "lib"\nprintln(f())'}
    assert await run(tmp_path, files) == ["first variable", "second variable", "f"]


async def test_variables_of_a_module_run_before_its_functions_exist(tmp_path: Path) -> None:
    files = {
        "lib.harn": "let early = try { f() }\npub fn f() { return early }",
        "main.harn": 'import "lib"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Undefined builtin: f)"]


async def test_variables_of_a_module_may_use_what_it_imports(tmp_path: Path) -> None:
    files = {
        "base.harn": "pub fn make() { return [1, 2] }",
        "lib.harn": 'import "base"\nlet table = make()\npub fn last() { return table.last }',
        "main.harn": 'import "lib"\nprintln(last())',
    }
    assert await run(tmp_path, files) == ["2"]


async def test_functions_of_a_module_share_its_variables(tmp_path: Path) -> None:
    lib = """
        var count = 0
        var log = []
        var table = {n: 0}
        pub fn next() {
          count = count + 1
          log = log.push(count)
          table.n += 10
          return count
        }
        pub fn seen() { return [count, log, table] }
        pub fn reset() { count = 0 }
    """
    main = """
        import "lib"
        println([next(), next()])
        println(seen())
        reset()
        println(next())
        println([next].map({ f -> f() }))
    """
    expected = ["[1, 2]", "[2, [1, 2], {n: 20}]", "1", "[2]"]
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == expected


async def test_closures_of_a_module_share_its_variables(tmp_path: Path) -> None:
    lib = """
        var count = 0
        pub fn counter() { return { ->
          count += 1
          count
        } }
        pub fn total() { return count }
    """
    main = 'import "lib"\nlet f = counter()\nlet g = counter()\nprintln([f(), g(), f(), total()])'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["[1, 2, 3, 3]"]


async def test_local_variables_of_module_functions_are_snapshots_as_everywhere(tmp_path: Path) -> None:
    lib = """
        pub fn make() {
          var n = 0
          let bump = { -> n = n + 1
            n }
          return [bump(), bump(), n]
        }
    """
    files = {"lib.harn": lib, "main.harn": 'import "lib"\nprintln(make())'}
    assert await run(tmp_path, files) == ["[1, 1, 0]"]


async def test_an_immutable_variable_of_a_module_stays_so(tmp_path: Path) -> None:
    files = {
        "lib.harn": "let fixed = 1\npub fn change() { return try { fixed = 2 } }",
        "main.harn": 'import "lib"\nprintln(change())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Cannot assign to immutable binding: fixed)"]


async def test_a_value_that_left_a_module_is_not_changed_with_its_variable(tmp_path: Path) -> None:
    lib = """
        var items = [1]
        pub fn get() { return items }
        pub fn change() {
          items[0] = 99
          items = items.push(2)
          return items
        }
    """
    main = 'import "lib"\nlet before = get()\nprintln(change())\nprintln(before)\nprintln(get())'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["[99, 2]", "[1]", "[99, 2]"]


async def test_variables_of_a_module_are_not_seen_by_importers(tmp_path: Path) -> None:
    files = {
        "lib.harn": "var inside_the_module = 1\npub fn f() { return inside_the_module }",
        "main.harn": 'import "lib"\nprintln(try { inside_the_module })\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Undefined variable: inside_the_module)", "1"]


async def test_functions_of_a_module_do_not_see_their_importer(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f() { return try { of_the_importer } }",
        "main.harn": 'let of_the_importer = 1\nimport "lib"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Undefined variable: of_the_importer)"]


async def test_functions_of_a_module_keep_their_private_siblings(tmp_path: Path) -> None:
    files = {
        "lib.harn": LIBRARY,
        "main.harn": 'import "lib"\nfn hidden() { return "of main" }\nprintln(shown() + " " + hidden())',
    }
    assert await run(tmp_path, files) == ["shown with hidden of main"]


async def test_a_module_is_loaded_once_in_a_run(tmp_path: Path) -> None:
    files = {
        "state.harn": 'let loaded = println("loaded")\nvar n = 0\npub fn bump() {\n  n += 1\n  return n\n}',
        "a.harn": 'import "state"\npub fn a() { return bump() }',
        "b.harn": 'import "./state.harn"\npub fn b() { return bump() }',
        "main.harn": 'import "a"\nimport "b"\nimport { bump } from "state"\nprintln([a(), b(), bump()])',
    }
    assert await run(tmp_path, files) == ["loaded", "[1, 2, 3]"]


async def test_every_run_starts_its_modules_anew(tmp_path: Path) -> None:
    lib = tmp_path / "lib.harn"
    lib.write_text("var n = 0\npub fn bump() {\n  n += 1\n  return n\n}", encoding="utf-8")
    main = tmp_path / "main.harn"
    main.write_text('import "lib"\nreturn [bump(), bump()]', encoding="utf-8")
    async with Interpreter() as harn:
        program = harn.compile(main.read_text(encoding="utf-8"), filename=str(main))
        assert await harn.run(program) == [1, 2]
        assert await harn.run(program) == [1, 2]


async def test_tasks_share_the_variables_of_a_module(tmp_path: Path) -> None:
    files = {
        "lib.harn": "var n = 0\npub fn bump() {\n  n += 1\n  return n\n}\npub fn total() { return n }",
        "main.harn": 'import "lib"\nlet r = parallel 3 { i -> bump() }\nprintln([r.sort(), total()])',
    }
    assert await run(tmp_path, files) == ["[[1, 2, 3], 3]"]


async def test_tail_calls_and_depth_in_a_module(tmp_path: Path) -> None:
    lib = """
        pub fn down(n) {
          if n == 0 { return "bottom" }
          return down(n - 1)
        }
        pub fn ping(n) {
          if n == 0 { return "end" }
          return pong(n - 1)
        }
        fn pong(n) { return ping(n) }
        pub fn forever(n) { return 1 + forever(n) }
    """
    main = 'import "lib"\nprintln([down(10000), ping(10000)])\nprintln(try { forever(1) })'
    expected = ["[bottom, end]", "Result.Err(Stack overflow: too many nested calls)"]
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == expected


async def test_generators_of_a_module(tmp_path: Path) -> None:
    lib = "var made = 0\npub fn numbers(n) {\n  for i in 1 to n {\n    made += 1\n    yield i\n  }\n}\n"
    lib += "pub fn total() { return made }"
    main = 'import "lib"\nfor i in numbers(2) { println(i) }\nprintln(total())'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["1", "2", "2"]


# --- cycles ----------------------------------------------------------------------------------------


async def test_modules_may_import_each_other(tmp_path: Path) -> None:
    even = 'import "odd"\npub fn even(n) {\n  if n == 0 { return true }\n  return odd(n - 1)\n}'
    odd = 'import "even"\npub fn odd(n) {\n  if n == 0 { return false }\n  return even(n - 1)\n}'
    files = {
        "even.harn": even,
        "odd.harn": odd,
        "main.harn": 'import { even } from "even"\nprintln([even(4), even(5), even(100)])',
    }
    assert await run(tmp_path, files) == ["[true, false, true]"]


async def test_a_module_may_import_itself(tmp_path: Path) -> None:
    files = {
        "me.harn": 'import { helper } from "me"\npub fn f() { return 1 }\nfn helper() { return 2 }',
        "main.harn": 'import { f } from "me"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["1"]


async def test_a_longer_cycle_with_selective_imports(tmp_path: Path) -> None:
    files = {
        "a.harn": 'import { b } from "b"\npub fn a(n) { return n == 0 ? "a" : b(n - 1) }',
        "b.harn": 'import { c } from "c"\npub fn b(n) { return n == 0 ? "b" : c(n - 1) }',
        "c.harn": 'import { a } from "a"\npub fn c(n) { return n == 0 ? "c" : a(n - 1) }',
        "main.harn": 'import { a } from "a"\nprintln([a(0), a(1), a(2), a(3)])',
    }
    assert await run(tmp_path, files) == ["[a, b, c, a]"]


async def test_the_entry_file_may_be_imported_by_its_module(tmp_path: Path) -> None:
    files = {
        "lib.harn": 'import { helper } from "main"\npub fn f() { return helper() }',
        "main.harn": 'import "lib"\nprintln(f())\nfn helper() { return "from main" }',
    }
    assert await run(tmp_path, files) == ["from main"]
