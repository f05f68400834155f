"""What the built-in load of a table is made of, beside the data database: its columns, and what a dry run says."""
