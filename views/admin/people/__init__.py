"""The roster, units, accounts and roles."""
