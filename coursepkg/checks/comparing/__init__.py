"""What is right: whether an answer agrees with the reference, and how the verdict is worded."""
