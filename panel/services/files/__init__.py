"""Files that people send: looked into, made safe and small, kept."""
