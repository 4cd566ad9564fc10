"""The picture of the programs: a row for each, a mark for each engine, on a logarithmic axis."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_COLOURS = {
    "Harnlet": "#d6336c",
    "Monty": "#1c7ed6",
    "starlark-rust": "#2b8a3e",
    "Lua 5.4": "#5f3dc4",
    "LuaJIT": "#862e9c",
    "asteval": "#868e96",
    "RestrictedPython": "#e67700",
}
_LEFT, _TOP, _WIDTH, _ROW = 170, 56, 640, 22
_LOWEST, _HIGHEST = 0.01, 1000.0


def svg(rows: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """The picture, as SVG: for each program the time of each engine over that of CPython."""
    bottom = _TOP + len(rows) * _ROW
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 30} {bottom + 40}" '
        'font-family="sans-serif" font-size="12">',
        "<title>Time of each program over that of CPython; logarithmic, left is faster</title>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    x = _LEFT
    for name, colour in _COLOURS.items():
        out.append(f'<circle cx="{x}" cy="20" r="5" fill="{colour}"/>')
        out.append(f'<text x="{x + 9}" y="24">{escape(name)}</text>')
        x += 24 + 7 * len(name)
    power = _LOWEST
    while power <= _HIGHEST:
        place = _place(power)
        style = 'stroke="#495057"' if power == 1 else 'stroke="#dee2e6"'
        out.append(f'<line x1="{place}" y1="{_TOP - 8}" x2="{place}" y2="{bottom}" {style}/>')
        out.append(f'<text x="{place}" y="{bottom + 18}" text-anchor="middle">{power:g}</text>')
        power = round(power * 10, 6)
    for number, (title, ratios) in enumerate(rows):
        y = _TOP + number * _ROW + 8
        out.append(f'<text x="{_LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(title)}</text>')
        # Ours comes last, so that no other mark hides it.
        for name in reversed(_COLOURS):
            if name in ratios:
                size = 6 if name == "Harnlet" else 4
                out.append(
                    f'<circle cx="{_place(ratios[name])}" cy="{y}" r="{size}" fill="{_COLOURS[name]}" '
                    f'fill-opacity="0.85"><title>{escape(name)} {ratios[name]:.2f}</title></circle>'
                )
    out.append(
        f'<text x="{_LEFT + _WIDTH / 2}" y="{bottom + 36}" text-anchor="middle">'
        "time over that of CPython (logarithmic; left is faster)</text>"
    )
    return "\n".join([*out, "</svg>", ""])


def _place(ratio: float) -> float:
    share = math.log(max(min(ratio, _HIGHEST * 3), _LOWEST) / _LOWEST) / math.log(_HIGHEST * 3 / _LOWEST)
    return round(_LEFT + share * _WIDTH, 1)
