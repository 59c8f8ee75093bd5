"""What runs in the child: the decoders, and what is made of what they see. Started, never imported."""
