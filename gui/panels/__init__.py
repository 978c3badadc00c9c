"""What stands around the canvas: each panel shows the session and edits through it."""
