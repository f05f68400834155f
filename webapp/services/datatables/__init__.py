"""The parts of `services.data`: names, kinds of columns, tables, and how rows are written into them exactly once."""
