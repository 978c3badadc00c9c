"""Taking a network away: files that need nothing of Netsmith."""
