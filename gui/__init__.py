"""The window: what is drawn and what hands do. Knows the engine's values, never torch."""
