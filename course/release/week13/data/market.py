"""Prices of today's market, in riel. Made up for the course. Owner: the teacher."""

PRICES = {"fish": 12000, "rice": 3000, "mango": 2500, "salt": 1000}


def things():
    """The names of all things, as a list."""
    return list(PRICES)


def price(thing):
    """Takes the name of a thing. Gives its price in riel, or None when it is not sold."""
    return PRICES.get(thing)
