"""The verbs of `soc`: what the words on the command line call. The work is in the modules above."""
