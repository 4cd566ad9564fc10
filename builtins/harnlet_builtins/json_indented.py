"""JSON for people: compact JSON, spread over lines."""

from harnlet.runtime.breath import breath_of_text

_OPENING, _CLOSING = "{[", "}]"


def indented(text: str, spaces: int = 2) -> str:
    """Compact JSON text with a line for each element, each level `spaces` further in.

    Works on the text and not on the value, so that depth does not matter. Raises RuntimeFault when
    the new text would be above the cap.
    """
    parts: list[str] = []
    level = length = 0
    breath = breath_of_text(0)
    at = 0
    end = len(text)
    while at < end:
        character = text[at]
        following = at + 1
        if character == '"':
            following = _end_of_string(text, at)
            piece = text[at:following]
        elif character in _OPENING:
            if following < end and text[following] in _CLOSING:
                piece = text[at : at + 2]
                following = at + 2
            else:
                level += 1
                piece = f"{character}\n{' ' * (spaces * level)}"
        elif character in _CLOSING:
            level -= 1
            piece = f"\n{' ' * (spaces * level)}{character}"
        elif character == ",":
            piece = f",\n{' ' * (spaces * level)}"
        else:
            piece = ": " if character == ":" else character
        parts.append(piece)
        length += len(piece)
        if length > breath:
            breath = breath_of_text(length)
        at = following
    return "".join(parts)


def _end_of_string(text: str, at: int) -> int:
    end = text.index('"', at + 1)
    while _backslashes_before(text, end) % 2:
        end = text.index('"', end + 1)
    return end + 1


def _backslashes_before(text: str, at: int) -> int:
    first = at
    while text[first - 1] == "\\":
        first -= 1
    return at - first
