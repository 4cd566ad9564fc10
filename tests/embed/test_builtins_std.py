"""The standard modules that are written in Harnlet: docs/builtins.md#std-modules."""

from pathlib import Path
from typing import Any

import pytest

from harnlet import Interpreter
from harnlet.runtime.builtin import random_of_run
from harnlet_builtins.scripts import StandardScripts


async def value(module: str, expression: str, **options: Any) -> Any:
    async with Interpreter(**options) as harn:
        return await harn.run(f'import "std/{module}"\nreturn {expression}')


async def problem(module: str, expression: str) -> Any:
    return await value(module, f"try {{ {expression} }} catch e {{ e }}")


async def test_every_module_compiles_and_is_documented() -> None:
    assert set(StandardScripts()) >= {
        f"std/{name}" for name in ("async", "collections", "json", "math", "path", "schema", "text")
    }
    async with Interpreter() as harn:
        for path, text in StandardScripts().items():
            assert harn.compile(f'import "{path}"').diagnostics == (), path
            assert "docs/builtins.md#std-modules" in text.splitlines()[0], path


# --- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('int_to_string("5")', "5"),
        ("float_to_string(1)", "1.0"),
        ('[parse_int_or("x", 3), parse_int_or("4", 3)]', [3, 4]),
        ('[parse_float_or("x", 3), parse_float_or("1.5", 3)]', [3, 1.5]),
        (
            'extract_paths("see (src/a.py), `b/c.rs:`\\n// x/y.z\\n  # p/q.r\\nb/c.rs. no/ext x/a.toolongextens")',
            ["b/c.rs", "b/c.rs", "src/a.py"],
        ),
        (
            'parse_cells("a\\n```py\\nx\\ny\\n```\\n```call sh\\nls\\n```\\n```call\\n```\\n```\\nopen")',
            [
                {"type": "code", "lang": "py", "code": "x\ny"},
                {"type": "call", "lang": "sh", "code": "ls"},
                {"type": "call", "lang": "", "code": ""},
            ],
        ),
        ('truncate_head_tail("1\\n2\\n3\\n4\\n5\\n6", 2)', "1\n2\n... (2 lines omitted) ...\n5\n6"),
        ('truncate_head_tail("1\\n2\\n3\\n4", 2)', "1\n2\n3\n4"),
        ('[detect_compile_error("a ImportError: b"), detect_compile_error("error")]', [True, False]),
        ('[has_got_want("Got 1, want 2"), has_got_want("got 1")]', [True, False]),
        ('format_test_errors("ok\\nFAIL a\\nfine\\nassert x")', "FAIL a\nassert x"),
        ('format_test_errors("error\\n".repeat(30)).split("\\n").count', 20),
    ],
)
async def test_text(expression: str, expected: object) -> None:
    assert await value("text", expression) == expected


async def test_text_that_is_no_number() -> None:
    wrong = "int_to_string expects an integer-compatible value"
    assert await problem("text", 'int_to_string("x")') == wrong
    wrong = "float_to_string expects a float-compatible value"
    assert await problem("text", 'float_to_string("x")') == wrong


# --- path ------------------------------------------------------------------------------------------


async def test_path(tmp_path: Path) -> None:
    expression = (
        '[ext("a.rs"), ext("b/a.tar.gz"), ext("a"), ext("a."), stem("b/a.tar.gz"), normalize("a\\\\b")]'
    )
    assert await value("path", expression) == ["r", "g", "", "", "a", "a/b"]
    assert await value("path", '[is_absolute("/a"), is_absolute("a")]') == [True, False]
    (tmp_path / "file.txt").write_text("x", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    expression = f'[list_files("{tmp_path.as_posix()}"), list_dirs("{tmp_path.as_posix()}")]'
    assert await value("path", expression, capabilities=["files"]) == [["file.txt"], ["folder"]]


async def test_helpers_can_be_imported_by_name_only_where_they_are_public() -> None:
    async with Interpreter() as harn:
        assert await harn.run('import { ext } from "std/path"\nreturn ext("a.rs")') == "r"
        with pytest.raises(Exception, match="looks_like_path"):
            await harn.run('import "std/text"\nreturn looks_like_path("a/b.c")')


# --- async -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("retry_until(2, { -> 5 })", ("Ok", 5)),
        ("retry_until(2, { -> nil })", ("Err", "exhausted")),
        ("retry_with_backoff(1, 1000000, { -> false })", ("Err", "exhausted")),
        ("wait_for(1000000, 1, { -> 7 })", ("Ok", 7)),
        ("wait_for(0, 1, { -> 7 })", ("Ok", 7)),
        ("wait_for(0, 1, { -> nil })", ("Err", "timeout")),
    ],
)
async def test_waiting_and_retrying(expression: str, expected: tuple[str, object]) -> None:
    result = await value("async", expression)
    assert (result["variant"], result["fields"][0]) == expected


async def test_the_pauses_between_attempts() -> None:
    source = """
        import "std/async"
        mock_time(0)
        let calls = atomic(0)
        let count = { -> atomic_add(calls, 1)
          nil }
        let exhausted = retry_with_backoff(4, 100, count)
        let after_retries = now_ms()
        let late = wait_for(50, 0, count)
        return [is_err(exhausted), after_retries, now_ms() - after_retries, atomic_get(calls) > 4, is_err(late)]
    """
    async with Interpreter() as harn:
        assert await harn.run(source) == [True, 700, 50, True, True]


async def test_calls_behind_a_breaker() -> None:
    source = """
        import "std/async"
        circuit_breaker("b", 1)
        return [
          circuit_call("b", { -> 5 }), circuit_call("b", { -> throw "x" }), circuit_call("b", { -> 5 })
        ].map({ result -> to_string(result) })
    """
    async with Interpreter() as harn:
        assert await harn.run(source) == ["Result.Ok(5)", "Result.Err(x)", "Result.Err(circuit_open)"]


# --- schema ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            "schema_object({a: schema_string(), b: schema_field(schema_int(), false), "
            'c: {type: "bool", required: false}}, {additional_properties: false})',
            {
                "type": "dict",
                "properties": {"a": {"type": "string"}, "b": {"type": "int"}, "c": {"type": "bool"}},
                "required": ["a"],
                "additional_properties": False,
            },
        ),
        (
            'schema_object({a: {type: "dict", required: ["x"]}})',
            {
                "type": "dict",
                "properties": {"a": {"type": "dict", "required": ["x"]}},
                "required": ["a"],
            },
        ),
        (
            "schema_list(schema_int(), {min_items: 1})",
            {"type": "list", "items": {"type": "int"}, "min_items": 1},
        ),
        (
            "[schema_array(), schema_dict(schema_any())]",
            [{"type": "list"}, {"type": "dict", "additional_properties": {"type": "any"}}],
        ),
        (
            "[schema_float(), schema_bool(), schema_nil()]",
            [{"type": "float"}, {"type": "bool"}, {"type": "nil"}],
        ),
        ("[schema_literal(1), schema_enum([1, 2])]", [{"const": 1}, {"enum": [1, 2]}]),
        ("[schema_union([1]), schema_all_of([2])]", [{"union": [1]}, {"all_of": [2]}]),
        (
            "schema_default(schema_nullable(schema_int()), 3)",
            {"type": "int", "nullable": True, "default": 3},
        ),
        ("schema_json(schema_int())", {"type": "integer"}),
        ("schema_openapi(schema_nullable(schema_int()))", {"type": "integer", "nullable": True}),
        (
            '[from_json_schema({type: "null"}), from_openapi_schema({minimum: 1})]',
            [{"type": "nil"}, {"min": 1}],
        ),
        ('schema_pick_keys({properties: {a: {}, b: {}}}, ["a"])', {"properties": {"a": {}}}),
        ('schema_omit_keys({properties: {a: {}, b: {}}}, ["a"])', {"properties": {"b": {}}}),
        ("schema_partial_deep({required: []})", {}),
        ("[is_type(1, schema_int()), is_type(1.5, schema_int())]", [True, False]),
        ("get_typed_value({}, {properties: {a: {default: 4}}}, true)", {"a": 4}),
        ("get_typed_value({}, {properties: {a: {default: 4}}})", {}),
        ("is_err(get_typed_result(1, schema_nil()))", True),
    ],
)
async def test_schema(expression: str, expected: object) -> None:
    assert await value("schema", expression) == expected


async def test_a_value_of_the_wrong_type() -> None:
    assert await problem("schema", "get_typed_value(1, schema_nil())") == {
        "category": "schema_validation",
        "message": "at root: expected type 'nil', got 'int'",
    }


# --- math ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[clamp(5, 1, 3), clamp(0, 1, 3), clamp(2, 1, 3)]", [3, 1, 2]),
        ("[lerp(0, 10, 0.5), map_range(5, 0, 10, 0, 100)]", [5.0, 50.0]),
        ("[deg_to_rad(180), rad_to_deg(pi)]", [3.141592653589793, 180.0]),
        ("[sum([]), sum([1, 2]), avg([]), mean([1, 2])]", [0, 3, 0, 1.5]),
        ("[median([1, 3]), median([3, 1, 2])]", [2.0, 2]),
        ("[percentile([4, 1, 3, 2], 50), percentile([1, 2], 0), percentile([1, 2], 100)]", [2.5, 1, 2]),
        ("[variance([1, 3]), variance([1, 3], true), stddev([1, 3])]", [1.0, 2.0, 1.0]),
        ("[covariance([1, 2, 3], [1, 2, 3]), correlation([1, 2], [4, 2])]", [2 / 3, -1.0]),
        ("[argsort([3, 1, 2]), argsort([3, 1, 2], { x -> 0 - x })]", [[1, 2, 0], [0, 2, 1]]),
        (
            "[top_k([1, 3, 2], 2), top_k([1, 3, 2], 9), top_k([[1, 0], [1, 1]], 1, { x -> x[0] })]",
            [[3, 2], [3, 2, 1], [[1, 0]]],
        ),
        (
            "[minmax_scale([1, 2, 3]), minmax_scale([5, 5]), minmax_scale([])]",
            [[0.0, 0.5, 1.0], [0.0, 0.0], []],
        ),
        ("[zscore([1, 3]), zscore([5, 5])]", [[-1.0, 1.0], [0.0, 0.0]]),
        ("[weighted_mean([1, 2], [1, 3]), weighted_choice([1, 2, 3], [0, 1, 0])]", [1.75, 2]),
        ("softmax([0, 0], 2)", [0.5, 0.5]),
        ("[normal_quantile(0.5), normal_quantile(1) > 1000]", [0.0, True]),
        ("[dot([1, 2], [3, 4]), vector_norm([3, 4]), vector_normalize([0, 2])]", [11, 5.0, [0.0, 1.0]]),
        ("cosine_similarity([1, 0], [2, 0])", 1.0),
        (
            "[euclidean_distance([0, 0], [3, 4]), manhattan_distance([1, 2], [4, 0]), "
            "chebyshev_distance([1, 2], [4, 0])]",
            [5.0, 5, 3],
        ),
        ("[moving_avg([1, 2, 3, 4], 2), ema([1, 2, 3], 0.5)]", [[1.5, 2.5, 3.5], [1.0, 1.5, 2.25]]),
        (
            "kmeans([[0, 0], [0, 1], [10, 10], [10, 11]], 2)",
            {
                "centroids": [[0.0, 0.5], [10.0, 10.5]],
                "assignments": [0, 0, 1, 1],
                "counts": [2, 2],
                "iterations": 1,
                "converged": True,
                "inertia": 1.0,
            },
        ),
        ("kmeans([[0], [9], [1]], 2, {max_iterations: 0}).converged", False),
    ],
)
async def test_math(expression: str, expected: object) -> None:
    assert await value("math", expression) == expected


async def test_the_normal_distribution_is_near_enough() -> None:
    found = await value(
        "math",
        "[normal_pdf(0), normal_pdf(3, 1, 2), normal_cdf(1.96), normal_cdf(-1), normal_quantile(0.975), "
        "normal_quantile(0.01, 10, 2), normal_quantile(0.99)]",
    )
    exact = [0.3989422804, 0.1209853623, 0.9750021049, 0.1586552539, 1.9599639845, 5.3473042519, 2.3263478740]
    assert found == pytest.approx(exact, abs=2e-7)


async def test_choices_follow_the_weights() -> None:
    class Half:
        def random(self) -> float:
            return 0.5

    async with Interpreter() as harn:
        harn._runtime.states[random_of_run] = Half()
        source = 'import "std/math"\nreturn weighted_choice(["a", "b", "c"], [1, 2, 1])'
        assert await harn.run(source) == "b"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("sum(5)", "items must be a list"),
        ('avg(["x"])', "items must contain only numbers"),
        ("median([])", "items must not be empty"),
        ("percentile([1], 101)", "percentile must be between 0 and 100"),
        ("normal_quantile(2)", "probability must be between 0 and 1"),
        ("normal_pdf(0, 0, 0)", "stddev must be greater than 0"),
        ("moving_avg([1], 0)", "window must be at least 1"),
        ("moving_avg([1], 2)", "window must not exceed the number of items"),
        ("dot([1], [1, 2])", "vectors must have the same length"),
        ("vector_normalize([0])", "cannot normalize a zero vector"),
        ("cosine_similarity([0], [1])", "cosine similarity requires non-zero vectors"),
        ("weighted_mean([1], [1, 2])", "items and weights must have the same length"),
        ("weighted_mean([1], [0])", "weights must sum to a positive value"),
        ("weighted_choice([1], [-1])", "weights must contain only non-negative numbers"),
        ("correlation([1, 1], [1, 2])", "correlation requires non-constant inputs"),
        ("kmeans([[1]], 0)", "k must be at least 1"),
        ("kmeans([[1]], 2)", "k must not exceed the number of points"),
        ("top_k([1], -1)", "k must be non-negative"),
        ("kmeans([], 1)", "points must not be empty"),
        ("kmeans([[1], [1, 2]], 1)", "all points must have the same dimension"),
    ],
)
async def test_what_math_refuses(expression: str, text: str) -> None:
    assert await problem("math", expression) == text


# --- json and collections --------------------------------------------------------------------------


async def test_json_and_collections() -> None:
    assert await value("json", '[pretty({b: 1, a: 2}), safe_parse("{"), safe_parse("[1]")]') == [
        '{"a":2,"b":1}',
        None,
        [1],
    ]
    assert await value("json", "merge({a: 1, b: 1}, {b: 2})") == {"a": 1, "b": 2}
    assert await value("json", '[pick({a: 1, b: nil}, ["a", "b", "c"]), omit({a: 1, b: 2}, ["a"])]') == [
        {"a": 1},
        {"b": 2},
    ]
    assert await value("collections", 'filter_nil({a: nil, b: "", c: "null", d: 0})') == {"d": 0}
