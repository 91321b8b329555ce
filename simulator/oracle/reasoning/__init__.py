"""How the oracle thinks: one idea a file, each from the rules and from facts alone."""
