"""Tables written to files, a format in each module."""
