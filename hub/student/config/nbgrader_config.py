"""nbgrader's settings on a student's server: her cohort, her name, the exchange as she sees it."""

import os

c = get_config()  # type: ignore[name-defined]  # given by traitlets

if "SOC_EXCHANGE_URL" in os.environ:  # a pod: she shares no folder with the hub
    from hub.student import exchange

    exchange.use(c, os.environ["SOC_EXCHANGE_URL"], token_file="")
    c.FromHub.tries = 3  # she waits for a page
c.CourseDirectory.course_id = os.environ["SOC_COHORT"]
c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
c.Exchange.root = os.environ["SOC_EXCHANGE"]
c.Exchange.assignment_dir = os.environ["HOME"]
# A renamed notebook would be graded as a missing one: she is told instead, and hands in again.
c.ExchangeSubmit.strict = True
