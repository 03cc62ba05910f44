"""The programme's pages: a service of the hub, server-rendered, made for phones, no JavaScript.

A student sees her own progress; an instructor her cohorts; staff all of them; nobody else anything.
Run as `python -m programme.pages` by the hub, which gives the address, the prefix and the token.
"""
