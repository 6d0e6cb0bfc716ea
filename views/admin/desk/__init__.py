"""HR's day: today's work, search, reminders, mail, statistics."""
