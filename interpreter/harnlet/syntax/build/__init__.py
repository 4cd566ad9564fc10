"""The functions that the grammar names: each makes a node from what the parser has recognised."""
