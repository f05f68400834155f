"""Pictures: read with care, changed, and written the same each time. It needs Pillow, of `batchdesk[media]`."""
