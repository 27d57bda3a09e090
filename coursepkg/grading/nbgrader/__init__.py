"""nbgrader's gradebook and feedback, written from our records."""
