"""Use cases: load, decide, journal. Each writes in transactions of its own and is told what time it is."""
