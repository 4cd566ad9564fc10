"""UUIDs. Rules: docs/builtins.md#ids."""

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.entropy import entropy_of_run
from harnlet_builtins.utf8 import utf8

_MISSING = object()
_HEXADECIMAL = frozenset("0123456789abcdef")
_NAMESPACES = {
    name: f"6ba7b81{place}-9dad-11d1-80b4-00c04fd430c8"
    for name, place in (("dns", 0), ("url", 1), ("oid", 2), ("x500", 4))
}
_RANDOM_BITS = 74


class _Version7:
    """The last UUIDv7 of a run: its millisecond and its random bits."""

    def __init__(self) -> None:
        self.moment = -1
        self.bits = 0


def _text(number: int) -> str:
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _marked(number: int, version: int) -> str:
    """The 128 bits with a version and the variant of RFC 9562 in their places."""
    number = number & ~(0xF << 76) | version << 76
    return _text(number & ~(0b11 << 62) | 0b10 << 62)


@builtin("uuid()", section="11.5", context=True)
def uuid(rt: Context) -> str:
    """A random UUID (version 4)."""
    return _marked(int.from_bytes(rt.state(entropy_of_run)(16), "big"), 4)


@builtin("uuid_v7()", section="11.5", context=True)
def uuid_v7(rt: Context) -> str:
    """A UUID that begins with the time (version 7); those of one run sort in the order they were made."""
    last = rt.state(_Version7)
    now = rt.clock.wall_ms()
    if now > last.moment:
        # One bit stays free, so that counting on from here lasts for the millisecond.
        fresh = int.from_bytes(rt.state(entropy_of_run)(10), "big")
        last.moment, last.bits = now, fresh % (1 << _RANDOM_BITS - 1)
    else:
        last.bits += 1
    high, low = divmod(last.bits, 1 << 62)
    return _marked((last.moment & 0xFFFFFFFFFFFF) << 80 | high << 64 | low, 7)


@builtin("uuid_nil()", section="11.5")
def uuid_nil() -> str:
    """The UUID of zeros."""
    return _text(0)


@builtin("uuid_parse(text)", section="11.5")
def uuid_parse(text: object = "") -> str | None:
    """The usual form of a UUID (with or without hyphens, in braces, after `urn:uuid:`); nil if it is none."""
    return _parsed(display(text))


def _parsed(text: str) -> str | None:
    plain = text.lower()
    if plain.startswith("{") and plain.endswith("}"):
        plain = plain[1:-1]
    elif plain.startswith("urn:uuid:"):
        plain = plain.removeprefix("urn:uuid:")
    digits = plain.replace("-", "")
    if len(digits) != 32 or not _HEXADECIMAL.issuperset(digits):
        return None
    usual = _text(int(digits, 16))
    return usual if plain in (usual, digits) else None


@builtin("uuid_v5(namespace, name)", section="11.5")
def uuid_v5(namespace: object = _MISSING, name: object = _MISSING) -> str:
    """The UUID of a name (version 5): always the same; the namespace is `dns`, `url`, `oid`, `x500` or a
    UUID."""
    if name is _MISSING:
        raise RuntimeFault("uuid_v5(namespace, name): requires namespace and name")
    text = display(namespace)
    space = _NAMESPACES.get(text.removeprefix("namespace_")) or _parsed(text)
    if space is None:
        raise RuntimeFault("uuid_v5: namespace must be a UUID or one of dns/url/oid/x500")
    from hashlib import sha1

    data = bytes.fromhex(space.replace("-", "")) + utf8(display(name))
    return _marked(int.from_bytes(sha1(data, usedforsecurity=False).digest()[:16], "big"), 5)
