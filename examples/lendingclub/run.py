"""Fold ten thousand real loans again: `python examples/lendingclub/run.py data.csv`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples.lendingclub.program import main

if __name__ == "__main__":
    sys.exit(main())
