"""Publicity lists (公示) and the objections received to them."""
