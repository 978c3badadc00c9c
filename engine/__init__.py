"""Netsmith's engine: networks as values, their shapes, their code and their training. No Qt in here."""
