"""What follows from a project before it runs: shapes, problems, cost, and the ways out of a problem."""
