"""What nodes and wires of the canvas can be coloured by while a network learns: modes, and how they are read."""
