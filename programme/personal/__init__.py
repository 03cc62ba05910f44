"""Personal data of minors: what is kept (`register`), given to her (`export`), erased (`erasing`).

`kept.toml` says of every column of the database what becomes of it when somebody is erased; a test
holds that none is forgotten. How long things are kept is policy, in the course's personal.toml.
"""
