"""Secrets are taken out of whatever is shown, saved or exported. Pure."""
