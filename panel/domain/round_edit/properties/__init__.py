"""What rows of a round are called, and how their properties are shown, chosen, read and put into words."""
