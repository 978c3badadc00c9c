"""A network as a value: nodes, edges, blocks."""
