"""The canvas: one block of the project drawn, and every gesture that changes it."""
