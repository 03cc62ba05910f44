"""What lessons import. Each widget is a module here, its JavaScript and CSS beside it. Never the network, never our other packages."""
