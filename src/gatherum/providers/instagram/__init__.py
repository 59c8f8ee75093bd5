"""Instagram: what its users publish, show for a day, keep, and are seen in."""
