"""Crash everywhere (A15): a sync is killed at every request of a night, run again, and must come to the same end.

``kills`` says where and how, ``trial`` runs the sync on a copy of the world, ``picture`` says in words how two states
of Otus differ, ``ordeal`` puts one night to the test.
"""
