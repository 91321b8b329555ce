"""Generates a district of any size, straight into the files of the fakes."""
