"""From an application to a place: read without names, selected, put into groups, invited."""
