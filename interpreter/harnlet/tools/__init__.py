"""Tools: declaring, dispatching and stopping them (docs/cancellation.md, docs/embedding.md).

Submodules are imported when they are needed; hosts take these names from `harnlet`.
"""
