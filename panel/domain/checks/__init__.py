"""What is checked: one pure function per kind of check, and the findings they report."""
