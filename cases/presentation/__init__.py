"""What pages show of a case: words, tones, icons and rows, worked out in Python so that templates decide nothing."""
