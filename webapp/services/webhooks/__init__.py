"""Calling somebody's address for each row: what is sent, how it is signed, and what the answer means."""
