"""Requests to elsewhere: one address parsed once, judged where it is connected to, bounded in time and size."""
