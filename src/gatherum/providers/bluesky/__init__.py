"""Bluesky, by its public interface (AT Protocol), else through gallery-dl. No login.

Addresses and shapes as the lexicons `app.bsky.*` and `com.atproto.*` describe them.
"""
