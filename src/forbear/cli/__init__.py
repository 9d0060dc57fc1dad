"""The command line: reads the clock, parses, calls one operation, shows what came back."""
