"""English words in Khmer. Owner: the teacher."""

KHMER = {"fish": "ត្រី", "rice": "អង្ករ", "mango": "ស្វាយ", "salt": "អំបិល"}


def khmer(word):
    """Takes an English word. Gives the Khmer word, or the same word when it is not known."""
    return KHMER.get(word, word)
