"""JupyterHub for the course: configuration by topic, and the services it runs. Never secrets."""
