"""Settings of a cohort's formgrader server."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # given by traitlets

c.ServerApp.jpserver_extensions = {
    "jupyter_lsp": False,
    "jupyter_server_terminals": False,
    "nbgrader.server_extensions.formgrader": True,
    "nbgrader.server_extensions.validate_assignment": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
}
c.ServerApp.terminals_enabled = False
c.ServerApp.allow_root = True  # when the hub is root: see hub/graders.py
c.LabApp.extension_manager = "readonly"
c.ServerApp.tornado_settings = {
    # The hub forbids frames; formgrader's manual grading shows submissions in its own.
    "headers": {"Content-Security-Policy": "frame-ancestors 'self'"},
    "websocket_compression_options": {},
}
# An instructor grades here and runs code on her own server: no kernel is offered.
c.KernelSpecManager.allowed_kernelspecs = {"no-kernel-here"}
c.KernelSpecManager.ensure_native_kernel = False
c.LabApp.news_url = None
