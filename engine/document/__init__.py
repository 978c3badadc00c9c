"""The project as a value, and the one mutable thing that holds it."""
