"""Methods of dicts, all in the order of the keys. Rules: docs/builtins.md#dict-methods."""

from typing import TypeAlias

from harnlet.runtime.display import display
from harnlet.runtime.iterators import make_iter
from harnlet.runtime.methods import method
from harnlet.runtime.values import callback

Dict: TypeAlias = dict[str, object]


def key_of(value: object) -> str:
    """The key that `value` stands for: its display text."""
    return value if type(value) is str else display(value)


@method(dict, "keys()")
def dict_keys(d: Dict) -> list[object]:
    """The keys, sorted."""
    return [*sorted(d)]


@method(dict, "values()")
def dict_values(d: Dict) -> list[object]:
    """The values, sorted by key."""
    return [d[key] for key in sorted(d)]


@method(dict, "entries()")
def dict_entries(d: Dict) -> list[object]:
    """A list of `{key, value}`, sorted by key."""
    return [{"key": key, "value": d[key]} for key in sorted(d)]


@method(dict, "count()")
def dict_count(d: Dict) -> object:
    """How many keys."""
    return len(d)


@method(dict, "has(k)")
def dict_has(d: Dict, k: object = None) -> object:
    """Whether there is the key `k`."""
    return key_of(k) in d


@method(dict, "get(k, default = nil)")
def dict_get(d: Dict, k: object = None, default: object = None) -> object:
    """The value of key `k`, else `default`."""
    return d.get(key_of(k), default)


@method(dict, "merge(other)")
def dict_merge(d: Dict, other: object = None) -> Dict:
    """A dict with the entries of both; those of `other` win."""
    return {**d, **other} if type(other) is dict else d


@method(dict, "map_values(f)")
def dict_map_values(d: Dict, f: object = None) -> Dict:
    """A dict with `f(value)` in place of each value."""
    function = callback(f)
    return {key: function(d[key]) for key in sorted(d)}


@method(dict, "rekey(f)", "map_keys(f)")
def dict_rekey(d: Dict, f: object = None) -> Dict:
    """A dict with `f(key)`, displayed, in place of each key; of two that collide the last wins."""
    function = callback(f)
    return {key_of(function(key)): d[key] for key in sorted(d)}


@method(dict, "filter(f)")
def dict_filter(d: Dict, f: object = None) -> Dict:
    """A dict of the entries for which `f(value)` is true."""
    function = callback(f)
    return {key: d[key] for key in sorted(d) if function(d[key])}


@method(dict, "remove(k)")
def dict_remove(d: Dict, k: object = None) -> Dict:
    """A dict without the key `k`."""
    key = key_of(k)
    if key not in d:
        return d
    copy = d.copy()
    del copy[key]
    return copy


@method(dict, "iter()")
def dict_iter(d: Dict) -> object:
    """An iterator over pairs of key and value, sorted by key."""
    return make_iter(d)
