"""What the program does for itself: backups, retention, health and alarms."""
