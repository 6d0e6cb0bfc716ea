"""Publicity lists and objections in the panel."""
