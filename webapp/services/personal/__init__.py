"""Personal data in tables: found by the names of columns and by what cells hold, then masked, hashed or left out."""
