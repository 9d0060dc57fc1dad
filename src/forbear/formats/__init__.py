"""Files in and out: their schema, how they are read and written, and mappings. Pure: knows no database and no clock."""
