"""What a module offers to its importers, read off its syntax (docs/language.md#imports)."""

from collections.abc import Iterator, Mapping

from harnlet.check.module_info import Exports
from harnlet.syntax import nodes


def exports_of(file: nodes.File) -> Exports:
    """What a module exports by itself, re-exports left out: its `pub` functions or, if none is `pub`, all
    of them; likewise for structs, enums and tools."""
    functions: dict[str, bool] = {}
    others: dict[str, bool] = {}
    constants: set[str] = set()
    enums: set[str] = set()
    types: set[str] = set()
    interfaces: set[str] = set()
    for item in file.items:
        bare = item.declaration if isinstance(item, nodes.Attributed) else item
        if isinstance(bare, nodes.Function):
            functions[bare.name] = bare.public
        elif isinstance(bare, nodes.Struct | nodes.Tool | nodes.Skill | nodes.Enum):
            others[bare.name] = bare.public
            if isinstance(bare, nodes.Enum):
                enums.add(bare.name)
        elif isinstance(bare, nodes.TypeAliasDeclaration | nodes.Interface):
            types.add(bare.name)
            if isinstance(bare, nodes.Interface):
                interfaces.add(bare.name)
        elif isinstance(bare, nodes.Let):
            constants.update(names_of(bare.pattern))
    return Exports(
        functions=_public_or_all(functions),
        others=_public_or_all(others),
        names=frozenset(functions) | frozenset(others) | constants,
        enums=frozenset(enums),
        types=frozenset(types),
        interfaces=frozenset(interfaces),
    )


def names_of(pattern: nodes.BindingPattern) -> Iterator[str]:
    """The names that a `let` or `var` binds."""
    if isinstance(pattern, nodes.NamePattern):
        names = [pattern.name]
    elif isinstance(pattern, nodes.DictPattern):
        names = [part.name for part in pattern.fields]
    else:
        names = [part.name for part in pattern.items]
    if not isinstance(pattern, nodes.NamePattern) and pattern.rest is not None:
        names.append(pattern.rest)
    return (name for name in names if name != "_")


def _public_or_all(declared: Mapping[str, bool]) -> frozenset[str]:
    public = frozenset(name for name, is_public in declared.items() if is_public)
    return public or frozenset(declared)
