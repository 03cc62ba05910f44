"""Settings of a student's server. Read-only behind the walls."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # given by traitlets

c.ServerApp.jpserver_extensions = {
    "hub.student.extension": True,
    "jupyter_lsp": False,
    "notebook_shim": False,  # for extensions of ten years ago; it asks for every trait's value
    "jupyter_server_terminals": False,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.course_list": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.validate_assignment": True,
}
c.ServerApp.terminals_enabled = False
c.ServerApp.tornado_settings = {"websocket_compression_options": {}}  # hub.proxy does the rest
# Kernels talk over Unix sockets: behind the walls nobody else could reach a port anyway, and files
# in the private /tmp need none.
c.KernelManager.transport = "ipc"
c.MappingKernelManager.cull_idle_timeout = 1800
c.MappingKernelManager.cull_interval = 300
c.ServerApp.kernel_spec_manager_class = "jupyter_client.kernelspec.KernelSpecManager"
c.KernelSpecManager.allowed_kernelspecs = {"python3"}
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
c.JupyterNotebookApp.custom_css = True
# The state of widgets that a notebook brings along could run a stranger's JavaScript.
c.ServerApp.contents_manager_class = "widgets.notebooks.Notebooks"
