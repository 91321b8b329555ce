"""The examples run as the documentation says."""
