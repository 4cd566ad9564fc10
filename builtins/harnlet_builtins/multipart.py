"""Forms in parts, `multipart/form-data`: reading and writing (RFC 7578).

Rules: docs/builtins.md#multipart-compression-junit.
"""

import re

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.byte_arguments import content_argument
from harnlet_builtins.utf8 import lossy, utf8

_MEGABYTES_8 = 8 * 1024 * 1024
_LIMITS = {"max_total_bytes": _MEGABYTES_8, "max_field_bytes": _MEGABYTES_8, "max_fields": 128}
_LONGEST_HEAD = 16_384
"""Bytes of all headers of one field."""
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.DOTALL)


def parameters(text: str) -> tuple[str, dict[str, str]]:
    """The value of a header such as `form-data; name="x"` and its parameters, by name in lower case; of
    equal ones the first counts."""
    value, semicolon, rest = text.partition(";")
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(semicolon + rest):
        quoted = match[2]
        plain = match[3] if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)
        found.setdefault(match[1].lower(), plain)
    return value.strip().lower(), found


# --- reading ------------------------------------------------------------------------------------------


def _limit(options: object, name: str) -> int:
    value = options.get(name) if type(options) is dict else None
    if value is None:
        return _LIMITS[name]
    if type(value) is not int or value < 0:
        raise RuntimeFault(f"multipart_parse: {name} must be a non-negative int")
    return value


@builtin("multipart_parse(body, content_type, options?)", section="23.5")
def multipart_parse(
    body: object = None, content_type: object = "", options: object = None
) -> dict[str, object]:
    """The fields of a form: `{boundary, fields, field_count, total_bytes}`, each field `{name, filename,
    content_type, headers, bytes, text}`. Options: `max_total_bytes`, `max_field_bytes`, `max_fields`."""
    data = content_argument("multipart_parse", body)
    header = display(content_type)
    if len(header) > _LONGEST_HEAD:
        raise RuntimeFault("multipart_parse: content type is too long")
    kind, found = parameters(header)
    boundary = found.get("boundary", "")
    if not kind.startswith("multipart/"):
        raise RuntimeFault("multipart_parse: content type must be multipart/form-data")
    if not boundary:
        raise RuntimeFault("multipart_parse: content type has no boundary")
    if _BOUNDARY.fullmatch(boundary) is None:
        raise RuntimeFault("multipart_parse: invalid boundary")
    most_total, most_each, most_fields = (_limit(options, name) for name in _LIMITS)
    fields: list[object] = []
    total = 0
    for part in _parts(data, boundary.encode("ascii"), most_fields):
        field, size = _field(part, _line_end(data))
        total += size
        if size > most_each:
            raise RuntimeFault(f"multipart_parse: field exceeds max_field_bytes: {size} > {most_each}")
        if total > most_total:
            raise RuntimeFault(f"multipart_parse: body exceeds max_total_bytes: {total} > {most_total}")
        fields.append(field)
    return {"boundary": boundary, "fields": fields, "field_count": len(fields), "total_bytes": total}


def _line_end(data: bytes) -> bytes:
    """CR LF; in a body that has none, as scripts write them by hand, LF."""
    return b"\r\n" if b"\r\n" in data else b"\n"


def _parts(data: bytes, boundary: bytes, most: int) -> list[bytes]:
    """What stands between the delimiters. A delimiter is a line of its own."""
    line_end = _line_end(data)
    mark = re.escape(boundary)
    line = re.compile(rb"(?:\A|%b)--%b(--)?[ \t]*(?=%b|\Z)" % (line_end, mark, line_end))
    found: list[bytes] = []
    start: int | None = None
    place = 0
    while (match := line.search(data, place)) is not None:
        if start is not None:
            found.append(data[start : match.start()])
            if len(found) > most:
                raise RuntimeFault(f"multipart_parse: too many fields: more than {most}")
        if match[1]:
            return found
        start = match.end() + len(line_end)
        # The line break after a delimiter may be the one before the next.
        place = match.end()
    raise RuntimeFault("multipart_parse: the closing boundary is missing")


def _field(part: bytes, line_end: bytes) -> tuple[dict[str, object], int]:
    """A field, and the size of its content."""
    head, blank, content = part.partition(line_end * 2)
    if not blank:
        raise RuntimeFault("multipart_parse: a field has no end of its headers")
    if len(head) > _LONGEST_HEAD:
        raise RuntimeFault("multipart_parse: the headers of a field are too long")
    headers = _headers(lossy(head).split(lossy(line_end)))
    kind, found = parameters(headers.get("content-disposition", ""))
    if kind != "form-data" or "name" not in found:
        raise RuntimeFault("multipart_parse: a field has no name")
    try:
        text: str | None = content.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    return {
        "name": found["name"],
        "filename": found.get("filename"),
        "content_type": headers.get("content-type"),
        "headers": {**headers},
        "bytes": content,
        "text": text,
    }, len(content)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or _TOKEN.fullmatch(name) is None:
            raise RuntimeFault("multipart_parse: a field has a malformed header")
        headers.setdefault(name.lower(), value.strip(" \t"))
    return headers


@builtin("multipart_field_bytes(field)", section="23.5")
def multipart_field_bytes(field: object = None) -> bytes:
    """The content of a field."""
    return _content_of("multipart_field_bytes", field)


@builtin("multipart_field_text(field)", section="23.5")
def multipart_field_text(field: object = None) -> str:
    """The content of a field as text; an error if it is no UTF-8."""
    content = _content_of("multipart_field_text", field)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise RuntimeFault("multipart_field_text: field is not valid UTF-8") from None


def _content_of(name: str, field: object) -> bytes:
    content = field.get("bytes") if type(field) is dict else None
    if type(content) is not bytes:
        raise RuntimeFault(f"{name}: expected a field of multipart_parse, got {type_name(field)}")
    return content


# --- writing ------------------------------------------------------------------------------------------


@builtin("multipart_form_data(fields, options?)", section="23.5")
def multipart_form_data(fields: object = None, options: object = None) -> dict[str, object]:
    """A form from fields `{name, content, filename?, content_type?, headers?}`: `{content_type, boundary,
    body}`. Option: `boundary`."""
    if type(fields) is not list:
        raise RuntimeFault(f"multipart_form_data: fields must be a list, got {type_name(fields)}")
    parts = [_part(place, field) for place, field in enumerate(fields, 1)]
    given = options.get("boundary") if type(options) is dict else None
    boundary = _default_boundary(fields) if given is None else display(given)
    if _BOUNDARY.fullmatch(boundary) is None:
        raise RuntimeFault("multipart_form_data: invalid boundary")
    body = form_body(parts, boundary)
    if body is None:
        raise RuntimeFault("multipart_form_data: a field contains the boundary")
    caps.check_text(len(body))
    text = boundary if _TOKEN.fullmatch(boundary) else f'"{boundary}"'
    return {"content_type": f"multipart/form-data; boundary={text}", "boundary": boundary, "body": body}


def _default_boundary(fields: list[object]) -> str:
    from hashlib import sha256

    digest = sha256()
    for field in fields:
        digest.update(utf8(display(field)) + b"\0")
    return f"----harn-boundary-{digest.hexdigest()[:16]}"


def form_body(parts: list[tuple[bytes, bytes]], boundary: str) -> bytes | None:
    """The body of a form from the heads and contents of its fields; None when one of them contains the
    boundary."""
    mark = boundary.encode("ascii")
    lines: list[bytes] = []
    for head, content in parts:
        if b"--" + mark in head or b"--" + mark in content:
            return None
        lines += [b"--" + mark, head, b"", content]
    return b"\r\n".join([*lines, b"--" + mark + b"--", b""])


def part_head(name: str, filename: str | None, headers: list[tuple[str, str]]) -> bytes:
    """The headers of a field, without the line break after the last one. Raises ValueError for a text that
    would begin another header."""
    disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if filename is not None:
        disposition += f'; filename="{_quoted(filename)}"'
    lines = [disposition]
    for label, value in headers:
        if _TOKEN.fullmatch(label) is None:
            raise ValueError("invalid header name")
        lines.append(f"{label}: {_one_line(value)}")
    return utf8("\r\n".join(lines))


def _quoted(text: str) -> str:
    return _one_line(text).replace("\\", "\\\\").replace('"', '\\"')


def _one_line(text: str) -> str:
    if re.search(r"[\r\n\0]", text):
        raise ValueError("line break in a header")
    return text


def _part(place: int, field: object) -> tuple[bytes, bytes]:
    """Head and content of a field that a script gave."""
    if type(field) is not dict:
        raise RuntimeFault(f"multipart_form_data: field {place} must be a dict, got {type_name(field)}")
    if field.get("name") is None:
        raise RuntimeFault(f"multipart_form_data: field {place} is missing name")
    value = field.get("content", field.get("value"))
    content = value if type(value) is bytes else utf8("" if value is None else display(value))
    headers: list[tuple[str, str]] = []
    if field.get("content_type") is not None:
        headers.append(("Content-Type", display(field["content_type"])))
    extra = field.get("headers")
    if type(extra) is dict:
        reserved = ("content-disposition", "content-type") if headers else ("content-disposition",)
        headers += [
            (key, display(each)) for key, each in sorted(extra.items()) if key.lower() not in reserved
        ]
    filename = field.get("filename")
    try:
        head = part_head(display(field["name"]), None if filename is None else display(filename), headers)
    except ValueError as error:
        raise RuntimeFault(f"multipart_form_data: field {place} has a {error}") from None
    return head, content
