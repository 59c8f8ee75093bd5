"""What is followed: targets with a filter and a schedule."""
