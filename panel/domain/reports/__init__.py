"""Figures, tables of cases, and what leaves the product as a file."""
