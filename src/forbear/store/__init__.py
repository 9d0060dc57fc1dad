"""The store: tables, constraints, the append-only journal, and the embedded PostgreSQL.

No business logic. Only `forbear.operations` imports it.
"""
