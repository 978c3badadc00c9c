"""What a network costs to train, from its shapes alone: memory, operations, how far its layers see."""
