"""Text to bytes and back, for strings that may hold half a surrogate pair (file names, arguments)."""

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.display import display


def utf8(text: str) -> bytes:
    """The UTF-8 bytes of any string; a lone surrogate, which has none, is written like a code point."""
    return text.encode("utf-8", "surrogatepass")


def lossy(data: bytes) -> str:
    """The text of UTF-8 bytes, with U+FFFD for what is no UTF-8."""
    return data.decode("utf-8", "replace")


def strict(data: bytes, name: str) -> str:
    """The text of UTF-8 bytes. Raises RuntimeFault `<name>: …` that says where they are none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            reason = f"incomplete utf-8 byte sequence from index {error.start}"
        else:
            length = error.end - error.start
            reason = f"invalid utf-8 sequence of {length} bytes from index {error.start}"
        raise RuntimeFault(f"{name}: {reason}") from None


def raw(value: object) -> bytes:
    """The bytes of a bytes value; of any other value the UTF-8 of its display."""
    return value if type(value) is bytes else utf8(display(value))
