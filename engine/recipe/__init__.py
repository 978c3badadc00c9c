"""How a network is trained, as declared options: data, loss, metrics, optimizer, schedule and the loop's settings."""
