"""Regular expressions of scripts and schemas, in time that is linear in the text: `engines.open_search`.

Rule: docs/builtins.md#regex.
"""
