"""Nodes back to source text, one module for each kind of node. Entry: harnlet.syntax.printer."""
