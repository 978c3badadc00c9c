"""The parts of the main window that hold panels, commands and facts together."""
