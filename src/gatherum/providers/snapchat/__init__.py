"""Snapchat: what somebody shows the public on the web. No login."""
