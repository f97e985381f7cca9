"""What is logged, where it goes, and who is told."""
