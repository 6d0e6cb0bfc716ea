"""Applications as HR lists, checks and steps them."""
