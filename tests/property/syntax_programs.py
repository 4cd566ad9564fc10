"""Hypothesis strategies for statements, declarations and whole files."""

from typing import Any

from hypothesis import strategies as st

from harnlet.syntax import nodes as n
from property.syntax_trees import (
    AT,
    _tuples,
    atoms,
    expressions,
    field_names,
    names,
    optional_types,
    parameters,
    texts,
    type_names,
    types,
)

at = st.just(AT)
flag = st.booleans()
maybe = st.none() | expressions
plain_names = st.sampled_from(["a", "b", "foo", "bar", "Base"])

_field = plain_names.flatmap(
    lambda key: st.builds(
        n.DictPatternField, at, st.just(key), st.sampled_from([key, "alias"]), st.none() | atoms
    )
)
_item = st.builds(n.ListPatternItem, at, plain_names, st.none() | atoms)
patterns: st.SearchStrategy[Any] = st.one_of(
    st.builds(n.NamePattern, at, names),
    st.builds(n.DictPattern, at, _tuples(_field), st.none() | plain_names),
    st.builds(n.ListPattern, at, _tuples(_item), st.none() | plain_names),
)


def _targets() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(n.Name, at, names),
        st.builds(n.Member, at, atoms, field_names, st.just(False), at),
        st.builds(n.Index, at, atoms, atoms, st.just(False)),
    )


_leaves: st.SearchStrategy[Any] = st.one_of(
    st.builds(n.ExpressionStatement, at, expressions),
    st.builds(n.Let, at, patterns, st.none(), expressions, flag),
    st.builds(n.Let, at, st.builds(n.NamePattern, at, names), types, expressions, flag),
    st.builds(n.Assign, at, _targets(), st.sampled_from(["=", "+=", "-=", "*=", "/=", "%="]), expressions),
    st.builds(n.Break, at),
    st.builds(n.Continue, at),
    st.builds(n.Return, at, maybe),
    st.builds(n.Yield, at, maybe),
    st.builds(n.Throw, at, expressions),
    st.builds(n.Emit, at, expressions),
    st.builds(n.Require, at, expressions, maybe),
)


def _more(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    block = st.builds(n.Block, at, _tuples(inner, 2))
    pair = st.builds(n.PairPattern, at, plain_names, plain_names)
    case = st.builds(n.SelectCase, at, names, expressions, block)
    return st.one_of(
        st.builds(n.For, at, patterns | pair, expressions, block),
        st.builds(n.While, at, expressions, block),
        st.builds(n.Guard, at, expressions, block),
        st.builds(n.Mutex, at, block),
        st.builds(n.Defer, at, block),
        st.builds(n.Select, at, _tuples(case, 2, 1), st.none(), st.none(), st.none() | block),
        st.builds(n.Select, at, _tuples(case, 2), expressions, block, st.none()),
        st.builds(n.Override, at, plain_names, _tuples(plain_names), block),
        declarations(block, inner),
    )


_type_parameters = _tuples(
    st.builds(n.TypeParameter, at, st.sampled_from("TUV"), st.sampled_from([None, "in", "out"])), 2
)


def functions(block: st.SearchStrategy[Any], **fixed: Any) -> st.SearchStrategy[n.Function]:
    made = {
        "at": at,
        "name": plain_names,
        "type_parameters": _type_parameters,
        "parameters": parameters(atoms),
        "result": optional_types,
        "where": _tuples(st.builds(n.WhereBound, at, st.sampled_from("TU"), plain_names), 2),
        "body": block,
        "public": flag,
        "stream": flag,
        "name_at": at,
    }
    return st.builds(n.Function, **(made | fixed))


_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(texts, st.integers(-9, 9), st.floats(allow_nan=False), flag, st.none()),
    lambda inner: _tuples(inner, 2),
    max_leaves=3,
)
_attribute = st.builds(
    n.Attribute,
    at,
    plain_names,
    _tuples(st.builds(n.AttributeArgument, at, st.none() | plain_names, _values)),
)


def declarations(block: st.SearchStrategy[Any], statements: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    given = parameters(atoms)
    skill_field = st.builds(n.SkillField, at, st.sampled_from(["tools", "description", "with"]), expressions)
    eval_field = st.builds(n.SkillField, at, plain_names, expressions)
    struct_field = st.builds(n.StructField, at, plain_names, flag, optional_types)
    variant = st.builds(n.EnumVariant, at, plain_names, given)
    associated = st.builds(n.AssociatedType, at, type_names, optional_types)
    method = st.builds(n.InterfaceMethod, at, plain_names, _type_parameters, given, optional_types)
    plain = st.one_of(
        functions(block),
        st.builds(n.Tool, at, plain_names, given, optional_types, st.none() | texts, block, flag),
        st.builds(n.Skill, at, plain_names, _tuples(skill_field), flag),
        st.builds(
            n.EvalPack,
            at,
            plain_names,
            st.none() | texts,
            _tuples(eval_field, 2),
            _tuples(statements, 2),
            st.none() | block,
            flag,
        ),
        st.builds(n.Struct, at, plain_names, _type_parameters, _tuples(struct_field), flag),
        st.builds(n.Enum, at, plain_names, _type_parameters, _tuples(variant), flag),
        st.builds(n.TypeAliasDeclaration, at, type_names, _type_parameters, types),
        st.builds(n.Interface, at, type_names, _type_parameters, _tuples(associated, 2), _tuples(method, 2)),
        st.builds(n.Impl, at, type_names, _tuples(functions(block, stream=st.just(False)), 2)),
    )
    return plain | st.builds(n.Attributed, at, _tuples(_attribute, 2, 1), plain)


statements: st.SearchStrategy[Any] = st.recursive(_leaves, _more, max_leaves=3)
_blocks = st.builds(n.Block, at, _tuples(statements, 2))
_pipelines = st.builds(
    n.Pipeline, at, plain_names, _tuples(plain_names), optional_types, st.none() | plain_names, _blocks, flag
)
_imports = st.builds(
    n.Import, at, texts, st.none() | _tuples(st.builds(n.ImportedName, at, plain_names)), flag
)
_items = st.one_of(
    statements,
    _pipelines,
    _imports,
    st.builds(n.Attributed, at, _tuples(_attribute, 2, 1), _pipelines),
)
files: st.SearchStrategy[n.File] = st.builds(n.File, at, _tuples(_items, 3))
