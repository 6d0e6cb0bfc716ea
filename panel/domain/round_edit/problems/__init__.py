"""Everything that contradicts itself in a draft, or that applications already use."""
