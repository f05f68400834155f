"""Sending e-mail: the parts of `webapp.services.mail`."""
