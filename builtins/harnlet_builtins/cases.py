"""Cases of words and names: `title_case`, `snake_to_camel` and the like. Rules: docs/builtins.md#strings."""

import re

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display

_WORD = re.compile(r"\S+")


@builtin("uppercase_first(text)", section="8.1")
def uppercase_first(text: object = "") -> str:
    """With the first character in upper case."""
    whole = display(text)
    return whole[:1].upper() + whole[1:]


@builtin("lowercase_first(text)", section="8.1")
def lowercase_first(text: object = "") -> str:
    """With the first character in lower case."""
    whole = display(text)
    return whole[:1].lower() + whole[1:]


@builtin("title_case(text)", section="8.1")
def title_case(text: object = "") -> str:
    """Every word capitalised, the rest of it in lower case."""
    return _WORD.sub(lambda word: _capitalised(word[0]), display(text))


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:].lower()


def _parts(text: object, separator: str) -> list[str]:
    return [part.lower() for part in display(text).split(separator) if part]


def _camel(parts: list[str]) -> str:
    return "".join([*parts[:1], *map(_capitalised, parts[1:])])


def _words(text: object, separator: str) -> str:
    """The words of a camel or Pascal case name, in lower case, with a separator between them."""
    return _broken(display(text), separator).lower()


def _broken(name: str, separator: str) -> str:
    """A word begins with an upper-case letter after a lower-case letter or digit, and with the last
    capital of an acronym that a lower-case letter follows."""
    out: list[str] = []
    for place, character in enumerate(name):
        if place and character.isupper():
            before = name[place - 1]
            after = name[place + 1 : place + 2]
            if before.islower() or before.isdigit() or (before.isupper() and after.islower()):
                out.append(separator)
        out.append(character)
    return "".join(out)


@builtin("snake_to_camel(text)", section="8.1")
def snake_to_camel(text: object = "") -> str:
    """`http_server` becomes `httpServer`."""
    return _camel(_parts(text, "_"))


@builtin("snake_to_pascal(text)", section="8.1")
def snake_to_pascal(text: object = "") -> str:
    """`http_server` becomes `HttpServer`."""
    return "".join(map(_capitalised, _parts(text, "_")))


@builtin("snake_to_kebab(text)", section="8.1")
def snake_to_kebab(text: object = "") -> str:
    """`http_server` becomes `http-server`."""
    return "-".join(_parts(text, "_"))


@builtin("kebab_to_snake(text)", section="8.1")
def kebab_to_snake(text: object = "") -> str:
    """`http-server` becomes `http_server`."""
    return "_".join(_parts(text, "-"))


@builtin("kebab_to_camel(text)", section="8.1")
def kebab_to_camel(text: object = "") -> str:
    """`http-server` becomes `httpServer`."""
    return _camel(_parts(text, "-"))


@builtin("camel_to_snake(text)", section="8.1")
def camel_to_snake(text: object = "") -> str:
    """`httpServer` becomes `http_server`."""
    return _words(text, "_")


@builtin("pascal_to_snake(text)", section="8.1")
def pascal_to_snake(text: object = "") -> str:
    """`HTTPServer` becomes `http_server`."""
    return _words(text, "_")


@builtin("camel_to_kebab(text)", section="8.1")
def camel_to_kebab(text: object = "") -> str:
    """`httpServer` becomes `http-server`."""
    return _words(text, "-")


@builtin("camel_to_pascal(text)", section="8.1")
def camel_to_pascal(text: object = "") -> str:
    """`httpServer` becomes `HttpServer`."""
    whole = display(text)
    return whole[:1].upper() + whole[1:]


@builtin("pascal_to_camel(text)", section="8.1")
def pascal_to_camel(text: object = "") -> str:
    """`HttpServer` becomes `httpServer`."""
    whole = display(text)
    return whole[:1].lower() + whole[1:]
