"""What a round asks of a person and why, and whom a change of it affects."""
