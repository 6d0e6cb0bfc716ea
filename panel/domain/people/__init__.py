"""The roster of staff, and their accounts."""
