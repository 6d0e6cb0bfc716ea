"""Imports of spreadsheets: from the cells of a file to what is stored, and back."""
