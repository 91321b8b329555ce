"""The story language: YAML that a support person can read, parsed with its places, played in a world and judged.

``located`` reads YAML with line and column, ``moments`` reads times, ``binding`` turns mappings into structs,
``verbs`` are what people do in the three systems, ``expectations`` what a story demands, ``story`` puts them
together, ``play`` runs one. The built-in stories lie in ``library/<theme>/``.
"""
