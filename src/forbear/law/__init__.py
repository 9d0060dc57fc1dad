"""Law as data, and the gate that nothing passes without a verdict."""
