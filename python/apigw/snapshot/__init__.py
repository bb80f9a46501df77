"""Domain records to compiled units, and their publishing."""
