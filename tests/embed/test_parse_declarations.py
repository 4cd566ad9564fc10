"""Declarations, attributes and types. docs/language.md#program-and-declarations, #types."""

import pytest

from embed.parse_support import only, parsed, short, tree
from harnlet.syntax import nodes as n
from harnlet.syntax.build.declarations import binding_name
from harnlet.syntax.parser import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import "a/b"', "Import(a/b, -, False)"),
        (
            'pub import { a, b c, } from "x"',
            "Import(x, (ImportedName(a), ImportedName(b), ImportedName(c)), True)",
        ),
        ("struct P { x: int, y?: string z w? }", None),
        (
            "pub enum E { A, B(x, y: int) C }",
            "Enum(E, (), (EnumVariant(A, ()), EnumVariant(B, (Parameter(x, -, -, False), "
            "Parameter(y, int, -, False))), EnumVariant(C, ())), True)",
        ),
        (
            "enum E { Circle(float) }",
            "Enum(E, (), (EnumVariant(Circle, (Parameter(float, -, -, False)))), False)",
        ),
        (
            "type A<in T, out U> = T",
            "TypeAliasDeclaration(A, (TypeParameter(T, in), TypeParameter(U, out)), T)",
        ),
        ("type A<out> = int", "TypeAliasDeclaration(A, (TypeParameter(out, -)), int)"),
        ("skill s { }", "Skill(s, (), False)"),
        (
            "pub skill s { tools [a]\n max -1; on { x -> x }\n with (a) }",
            "Skill(s, (SkillField(tools, [a]), SkillField(max, (- 1)), "
            "SkillField(on, Closure((Parameter(x, -, -, False)), {x}, False)), SkillField(with, a)), True)",
        ),
        ('tool t() { description "d" }', "Tool(t, (), -, d, {}, False)"),
        ('tool t() { description "d"\n x }', "Tool(t, (), -, d, {x}, False)"),
        ("tool t() { description }", "Tool(t, (), -, -, {description}, False)"),
        ("tool t(a: int = 1) -> int { a }", "Tool(t, (Parameter(a, int, 1, False)), int, -, {a}, False)"),
        ("eval_pack p { a: 1\n x\n summarize { y } }", "EvalPack(p, -, (SkillField(a, 1)), (x), {y}, False)"),
        ('eval_pack "My Pack!" { }', "EvalPack(my_pack, My Pack!, (), (), -, False)"),
        ('pub eval_pack p "id" { }', "EvalPack(p, id, (), (), -, True)"),
        ("impl P { fn a(self) { } pub fn b(self) { } }", None),
        ("interface I { type T type U = int fn a(self) fn b(self, x: int) -> U }", None),
        ("pipeline p(a b, c) -> int extends q { 1 }", "Pipeline(p, (a, b, c), int, q, {1}, False)"),
    ],
)
def test_declarations(text: str, expected: str | None) -> None:
    made = tree(text)
    if expected is not None:
        assert made == expected


def test_functions() -> None:
    made = only("pub gen fn f<T, in U>(a: T, b = 1, ...rest: int) -> Stream<T> where T: I, U: J { emit a }")
    assert isinstance(made, n.Function)
    assert (made.name, made.public, made.stream, made.name_at) == ("f", True, True, (1, 12, 1, 13))
    assert short(made.parameters) == (
        "(Parameter(a, T, -, False), Parameter(b, -, 1, False), Parameter(rest, int, -, True))"
    )
    assert short(made.where) == "(WhereBound(T, I), WhereBound(U, J))"
    assert short(made.result) == "NamedType(Stream, (T))"
    assert made.at == (1, 1, 1, 90)


def test_structs_and_interfaces() -> None:
    struct = only("struct P { x: int, y?: string z w? }")
    assert [(field.name, field.optional) for field in struct.fields] == [
        ("x", False),
        ("y", True),
        ("z", False),
        ("w", True),
    ]
    impl = only("impl P { fn a(self) { } pub fn b(self) { } }")
    assert [(method.name, method.public) for method in impl.methods] == [("a", False), ("b", True)]
    interface = only("interface I { type T type U = int fn a(self) fn b(self, x: int) -> U }")
    assert short(interface.types) == "(AssociatedType(T, -), AssociatedType(U, int))"
    assert [method.name for method in interface.methods] == ["a", "b"]


def test_attributes() -> None:
    text = '@a\n@b(1, -2.5, "x", name: y, l: [true, nil, [z]],) @c fn f() { }'
    made = only(text)
    assert isinstance(made, n.Attributed)
    assert [attribute.name for attribute in made.attributes] == ["a", "b", "c"]
    values = [(argument.name, argument.value) for argument in made.attributes[1].arguments]
    assert values == [(None, 1), (None, -2.5), (None, "x"), ("name", "y"), ("l", (True, None, ("z",)))]
    assert isinstance(made.declaration, n.Function)


def test_attributed_public_declarations() -> None:
    made = only("@test pub pipeline p() { }")
    assert made.declaration.public
    assert made.declaration.at == (1, 7, 1, 27)
    assert only("@x pub struct P { }").declaration.public


def test_where_declarations_may_stand() -> None:
    inside = "struct P { } enum E { } type A = int skill s { } impl P { }".replace(" enum", ";enum")
    inside = inside.replace(" type", ";type").replace(" skill", ";skill").replace(" impl", ";impl")
    (function,) = parsed(f"fn f() {{ {inside} }}").items
    assert isinstance(function, n.Function)
    assert len(function.body.statements) == 5
    assert parse("fn f() { pipeline p() { } }").diagnostics
    assert parse('fn f() { import "x" }').diagnostics


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int", "int"),
        ("nil", "nil"),
        ("true", "bool"),
        ("int | nil | string", "UnionType((int, nil, string))"),
        ("[int]", "ListType(int)"),
        ("list<dict<string, int>>", "NamedType(list, (NamedType(dict, (string, int))))"),
        ("{}", "ShapeType(())"),
        ("{a: int, b?: string if: nil}", None),
        ("fn(int, string) -> bool", "FunctionType((int, string), bool)"),
        ("fn() -> int | nil", "FunctionType((), UnionType((int, nil)))"),
        ("int | fn() -> int", "UnionType((int, FunctionType((), int)))"),
        ("fn() -> fn(int) -> fn() -> nil", None),
        (
            '"GET" | r"x" | 5 | -5',
            "UnionType((LiteralType(GET), LiteralType(x), LiteralType(5), LiteralType(-5)))",
        ),
        ("{f: fn(int) -> int}", "ShapeType((ShapeField(f, FunctionType((int), int), False)))"),
        ("int |\n nil", "UnionType((int, nil))"),
    ],
)
def test_types(text: str, expected: str | None) -> None:
    made = only(f"let x: {text} = y").type
    if expected is not None:
        assert short(made) == expected
    assert short(only(f"type T = {text}").type) == short(made)
    assert short(only(f"fn f(a: {text}) -> {text} {{ }}").result) == short(made)


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("My Pack!", "my_pack"),
        ("a--b", "a_b"),
        ("", "eval_pack_"),
        ("!!", "eval_pack_"),
        ("2x", "eval_pack_2x"),
        ("match", "eval_pack_match"),
        ("Été", "été"),
    ],
)
def test_names_of_eval_packs(id: str, name: str) -> None:
    assert binding_name(id) == name
