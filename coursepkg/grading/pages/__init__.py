"""The pages for students and instructors."""
