"""The learner's own copy of the course: what is delivered, how it is kept, whether all is there."""
