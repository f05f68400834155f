"""Texts of any size and encoding, read a piece at a time: counted, searched, normalised and split."""
