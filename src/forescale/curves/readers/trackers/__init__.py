"""What trackers write on disk, read where it lies with the standard library alone: one file a store."""
