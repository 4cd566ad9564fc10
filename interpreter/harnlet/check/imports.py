"""What each import of a file brings into it (docs/language.md#imports)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harnlet.check.exports import exports_of
from harnlet.check.module_info import Exports, ImportProblem, Loader, ModuleInfo
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.syntax import nodes
from harnlet.syntax.source import Source


@dataclass(slots=True)
class BoundImport:
    """The names that one import brings. `others` may be shadowed by the file's own declarations; `enums`
    and `types` are only known to the compiler."""

    key: str
    functions: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    enums: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Imports:
    """All imports of a file, by the `id` of their node, and what the file exports in turn."""

    bound: dict[int, BoundImport] = field(default_factory=dict)
    enums: set[str] = field(default_factory=set)
    interfaces: set[str] = field(default_factory=set)
    exports: Exports = field(default_factory=Exports)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def bind_imports(file: nodes.File, source: Source, load: Loader) -> Imports:
    """Load what a file imports and work out which names it gets; problems become diagnostics."""
    found = Imports()
    own = exports_of(file)
    declared: dict[str, str] = {}
    again: dict[str, str] = {}
    again_functions: set[str] = set()
    again_others: set[str] = set()
    again_enums: set[str] = set()
    again_types: set[str] = set()
    for item in file.items:
        if not isinstance(item, nodes.Import):
            continue
        info = load(item.path)
        if isinstance(info, ImportProblem):
            found.diagnostics += info.diagnostics or [
                _diagnostic(source, item, "import-failed", info.message)
            ]
            continue
        bound = _bind(found, source, item, info)
        found.bound[id(item)] = bound
        found.enums.update(bound.enums)
        found.interfaces.update(info.exports.interfaces.intersection(bound.types))
        for name in bound.functions:
            if name in declared:
                found.diagnostics.append(_collision(source, item, name))
            declared[name] = info.key
        if not item.public:
            continue
        for name in (*bound.functions, *bound.others, *bound.enums):
            origin = info.exports.origins.get(name, info.key)
            if again.setdefault(name, origin) != origin:
                found.diagnostics.append(_collision(source, item, name))
            elif name in own.functions and name in bound.functions:
                message = (
                    f"Re-export collision: '{name}' is defined here and also re-exported from '{item.path}'"
                )
                found.diagnostics.append(_diagnostic(source, item, "import-collision", message))
        again_functions.update(bound.functions)
        again_others.update(bound.others, bound.enums)
        again_enums.update(bound.enums)
        again_types.update(bound.types)
    found.exports = Exports(
        functions=own.functions | again_functions,
        others=own.others | again_others,
        names=own.names | again_functions | again_others,
        enums=own.enums | again_enums,
        types=own.types | again_types,
        interfaces=own.interfaces | (again_types & found.interfaces),
        origins=again,
    )
    return found


def _bind(found: Imports, source: Source, item: nodes.Import, info: ModuleInfo) -> BoundImport:
    exports = info.exports
    bound = BoundImport(info.key)
    if item.names is None:
        bound.functions = sorted(exports.functions)
        bound.others = sorted(exports.others - exports.enums)
        bound.enums = sorted(exports.enums & exports.others)
        bound.types = sorted(exports.types)
        return bound
    for imported in item.names:
        name = imported.name
        if name in exports.enums:
            bound.enums.append(name)
        elif name in exports.functions:
            bound.functions.append(name)
        elif name in exports.names:
            bound.others.append(name)
        elif name in exports.types:
            bound.types.append(name)
        else:
            message = f"Import error: '{name}' is not defined in {item.path}"
            found.diagnostics.append(_diagnostic(source, imported, "import-failed", message))
    return bound


def _collision(source: Source, item: nodes.Import, name: str) -> Diagnostic:
    message = (
        f"Import collision: '{name}' is already defined when importing {item.path}. "
        f'Use selective imports to disambiguate: import {{ {name} }} from "..."'
    )
    return _diagnostic(source, item, "import-collision", message)


def _diagnostic(source: Source, node: nodes.Node, name: str, message: str) -> Diagnostic:
    line, column, end_line, end_column = node.at
    return Diagnostic(
        code=code(name),
        message=message,
        filename=source.filename,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        excerpt=source.line(line),
        label="here",
    )


def declared_by_imports(imports: Imports) -> Iterable[str]:
    """Every name that the imports of a file bring in."""
    for bound in imports.bound.values():
        yield from bound.functions
        yield from bound.others
