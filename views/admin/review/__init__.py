"""The office's side of the review: committees, experts, meetings."""
