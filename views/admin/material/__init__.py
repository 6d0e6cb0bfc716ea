"""HR's material table (材料表)."""
