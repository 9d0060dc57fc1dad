"""Synthetic lenders: chance with a seed, never a clock, never a real person."""
