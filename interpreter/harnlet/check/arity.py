"""How many arguments the methods take that compiled code calls directly. The runtime reads it at every start,
so nothing else is imported here."""

LIST_ARITY = {
    **dict.fromkeys(("sort", "reverse", "pop", "unique", "flatten", "compact", "sum", "tally"), 0),
    **dict.fromkeys(("push", "join", "contains", "index_of", "take", "skip", "chunk", "zip"), 1),
    **dict.fromkeys(("map", "filter", "flat_map", "find", "find_index", "any", "all", "every", "none"), 1),
    **dict.fromkeys(("sort_by", "min_by", "max_by", "partition", "group_by"), 1),
    **dict.fromkeys(("reduce", "slice"), 2),
}
"""The most arguments of the methods of lists that compiled code calls directly."""

TEXT_ARITY = {
    **dict.fromkeys(("trim", "trim_start", "trim_end", "chars", "lines", "reverse"), 0),
    **dict.fromkeys(("lowercase", "lower", "to_lower", "uppercase", "upper", "to_upper"), 0),
    **dict.fromkeys(("contains", "starts_with", "ends_with", "split", "index_of", "char_at"), 1),
    **dict.fromkeys(("replace", "substring", "pad_left", "pad_right"), 2),
}
"""The same for strings."""
