"""Pages for everybody: home, manual, notices, the demo's sign-in."""
