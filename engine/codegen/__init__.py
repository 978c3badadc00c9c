"""From a project to the one text that is shown, run and exported."""
