"""Files, frames and exports as columns: one file a format."""
