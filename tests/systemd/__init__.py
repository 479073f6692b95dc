"""What keeps the box alive on the appliance: its units, its rights, its disk.  With systemd's own tools."""
