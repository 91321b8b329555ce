"""The proof that the stories can fail: each rule is broken once, and a story goes red and names it."""
