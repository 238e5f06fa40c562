"""The version: written here once, read by the build, the face and the reports."""

__version__ = "0.1.0"
