"""Telling people what has happened: in the desk, by mail and by webhook."""
