"""What helps HR through the day: saved views, comments, reminders, what has a day, searching in contents."""
