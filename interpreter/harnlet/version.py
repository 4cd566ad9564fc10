"""The version, in one place that costs nothing to import; a test compares it with pyproject.toml."""

__version__ = "0.1.0"
