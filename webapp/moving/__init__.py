"""Moving a desk from SQLite into PostgreSQL, whole or not at all."""
