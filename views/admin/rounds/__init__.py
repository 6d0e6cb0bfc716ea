"""Rounds as data: what applies, the editor, why something is asked."""
