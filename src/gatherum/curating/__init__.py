"""What people do with what they have: edits of one or of thousands, and the way back."""
