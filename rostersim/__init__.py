"""The front door: the command line of rostersim."""
