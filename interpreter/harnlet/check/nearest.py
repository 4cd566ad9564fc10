"""Did-you-mean: the name closest to one that does not exist (docs/language.md#did-you-mean)."""

from collections.abc import Iterable


def nearest_name(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate with the smallest edit distance to `name`, or None if none is close enough: one
    edit for names of up to 2 characters, two up to 5, three above. Ties go to the closest length,
    then to the alphabet. Names that start with `__` are never suggested."""
    limit = 1 if len(name) <= 2 else 2 if len(name) <= 5 else 3
    best: tuple[int, int, str] | None = None
    for candidate in candidates:
        if candidate == name or candidate.startswith("__"):
            continue
        difference = abs(len(candidate) - len(name))
        if difference > limit:
            continue
        distance = edit_distance(name, candidate, limit)
        if distance <= limit and (best is None or (distance, difference, candidate) < best):
            best = (distance, difference, candidate)
    return None if best is None else best[2]


def edit_distance(left: str, right: str, limit: int) -> int:
    """Levenshtein's distance, or some number above `limit` as soon as it must exceed it."""
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            current.append(
                min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (char != other))
            )
        if min(current) > limit:
            return limit + 1
        previous = current
    return previous[-1]
