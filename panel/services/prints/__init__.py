"""Official prints as PDF and Word."""
