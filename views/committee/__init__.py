"""The area of experts and chairs (/committee/)."""
