"""What the box does on disks that fail: real file systems, filled up, torn off, or made to lie."""
