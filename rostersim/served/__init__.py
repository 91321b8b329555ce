"""Served worlds: ATS/STARS, Clever, Otus and their clock, kept up, moved and looked at from outside."""
