"""What people's spreadsheets mean: where the heading is, what a column holds, how a cell is read.

Pure functions over `Sheet`; no database, no files.
"""
