"""Eight networks written by hand, as their papers describe them; what Netsmith prints is held against them."""
