"""A run of the generated script: steered while it goes, watched step by step, kept when it ends."""
