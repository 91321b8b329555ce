"""Three fakes that behave like the real systems: ATS/STARS, Clever and Otus.

Each fake has the same rooms: ``records`` (the structs on its wire), ``rules`` (what the system does and
refuses), ``store`` (SQLite, no HTTP), ``wire`` (routes, no rule). Who knows one fake knows all.
"""
