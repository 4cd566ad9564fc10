"""`Interpreter`: what an embedder imports. How to use it: docs/embedding.md.

`interpreter.py` compiles and runs scripts, `tool_calls.py` is its part about sessions and tool calls,
`declared.py` reads what plugins and embedders declare.
"""

from harnlet.api.declared import ALL_CAPABILITIES, CONSTANT_VALUES, CORE_PLUGIN, Capability
from harnlet.api.interpreter import Interpreter

__all__ = ["ALL_CAPABILITIES", "CONSTANT_VALUES", "CORE_PLUGIN", "Capability", "Interpreter"]
