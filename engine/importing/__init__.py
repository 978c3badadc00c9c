"""Networks from Python: text as nodes."""
