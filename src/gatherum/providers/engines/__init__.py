"""Providers that let gallery-dl or yt-dlp look, and put what those say into our words."""
