"""The committee at work: its members, opinions, meetings and secret ballots."""
