"""Forbear: an open post-loan system for online consumer credit.

A loan's position on a date is a pure function of its terms and its journal, and nothing leaves without a verdict.
"""

__version__ = "0.1.0"
