"""How fast the product is with 100,000 applications: ``make bench``."""
