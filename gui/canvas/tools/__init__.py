"""Gestures on the canvas: one class each, begun by a press, ended by a release or by Escape."""
