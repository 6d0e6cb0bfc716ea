"""States and steps: the table, the guards, what a step changes, judging, voting, certificates."""
