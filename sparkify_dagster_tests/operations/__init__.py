"""What the person who runs the platform does: backups, upgrades, and all that the page on operations names."""
