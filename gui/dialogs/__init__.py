"""Dialogs: only to lose data, to trust code, to export, to prefer and to explain. They open without blocking."""
