"""Building and changing a collection copies it at most once, however many steps there are: what the runtime
calls to copy is counted, for time says little on a busy machine."""

import asyncio
import sys
from types import FrameType

import pytest

from harnlet import Interpreter

COPYING = frozenset(
    {"add", "store_index", "store_member", "struct_copy", "_put_copy", "list_push", "dict_merge"}
)
ROUNDS = 50
IN_PLACE = {
    "push": "var v = []\nfor i in 0 to n exclusive { v = v.push(i) }\nreturn v",
    "add a list": "var v = []\nfor i in 0 to n exclusive { v = v + [i] }\nreturn v",
    "spread a list": "var v = []\nfor i in 0 to n exclusive { v = [...v, i] }\nreturn v",
    "add a dict": 'var v = {}\nfor i in 0 to n exclusive { v = v + {["k${i}"]: i} }\nreturn v',
    "spread a dict": 'var v = {}\nfor i in 0 to n exclusive { v = {...v, ["k${i}"]: i} }\nreturn v',
    "merge": 'var v = {}\nfor i in 0 to n exclusive { v = v.merge({["k${i}"]: i}) }\nreturn v',
    "add a dict, +=": 'var v = {}\nfor i in 0 to n exclusive { v += {["k${i}"]: i} }\nreturn v',
    "store in a copy": 'var v = given\nfor i in 0 to n exclusive { v["k${i}"] = i }\nreturn [v, given]',
    "add to a copy": 'var v = given\nfor i in 0 to n exclusive { v = v + {["k${i}"]: i} }\nreturn [v, given]',
    "hand over": 'var v = {}\nfor i in 0 to n exclusive { v = changed(v, "k${i}") }\nreturn v',
    "hand on": 'var v = {}\nfor i in 0 to n exclusive { v = passed(v, "k${i}") }\nreturn v',
    "a method": "var v = P {x: 0}\nfor i in 0 to n exclusive { v = v.moved() }\nreturn v",
    "elements": "var v = [P {x: 0}, P {x: 0}]\nfor i in 0 to n exclusive {\nlet j = i % 2\n"
    "v[j].x += 1\nv[j].x += v[j].x\n}\nreturn v",
}


def copies(source: str) -> int:
    """How often something was copied while the program ran."""
    found = 0

    def look(frame: FrameType, event: str, argument: object) -> None:
        nonlocal found
        is_ours = frame.f_globals.get("__name__", "").startswith("harnlet.runtime.")
        found += event == "call" and is_ours and frame.f_code.co_name in COPYING

    async def run() -> None:
        async with Interpreter() as harn:
            program = harn.compile(source)
            sys.setprofile(look)
            try:
                await harn.run(program)
            finally:
                sys.setprofile(None)

    asyncio.run(run())
    return found


def in_a_function(body: str) -> str:
    return f"""
struct P {{ x: int }}
impl P {{
  fn moved(self) {{
    var own = self
    own.x += 1
    return own
  }}
}}
fn changed(d, key) {{
  var own = d
  own[key] = 1
  return own
}}
fn passed(d, key) {{ return changed(d, key) }}
fn go(n, given) {{
{body}
}}
let first = {{a: 1}}
go({ROUNDS}, first)
"""


@pytest.mark.parametrize("body", IN_PLACE.values(), ids=IN_PLACE)
def test_every_step_is_in_place_but_the_first(body: str) -> None:
    assert copies(in_a_function(body)) <= 2


def test_what_something_else_holds_is_copied_each_time() -> None:
    body = "var v = {}\nvar all = []\nfor i in 0 to n exclusive {\nv.k = i\nall = all.push(v)\n}\nreturn all"
    assert copies(in_a_function(body)) >= ROUNDS - 1
