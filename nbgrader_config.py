"""The one place of nbgrader's settings, for every cohort and for writing the course.

`soc cohort add` puts a link to this file into the cohort's folder, so `nbgrader` run there finds
it; `__file__` is then the link, and tells which cohort is meant. In the checkout itself it serves
authors: `nbgrader generate_assignment week01` writes course/release without a gradebook.
"""

from pathlib import Path

import nbgrader

import soc
from programme.site import Site

c = get_config()

here = Path(__file__).absolute().parent  # not resolve(): the link's folder is the cohort
writing_the_course = not (here / "cohort.toml").is_file()

SAVE_CELLS = "nbgrader.preprocessors.SaveCells"  # the one step that needs a gradebook

if writing_the_course:
    course = here / "course"
    language = "en"
    c.CourseDirectory.root = str(here)
    c.CourseDirectory.course_id = "course"
    c.CourseDirectory.release_directory = str(course / "release")
    c.GenerateAssignment.no_database = True
else:
    site = Site.open(here.parent.parent)
    cohort = site.cohort(here.name)
    # A club's sessions are put together from several weeks, and stand in its own folder.
    course = cohort.root if cohort.kind == "club" else site.course
    language = cohort.language
    c.CourseDirectory.root = str(cohort.root)
    c.CourseDirectory.course_id = cohort.name
    c.CourseDirectory.db_url = cohort.gradebook_url
    c.Exchange.root = str(site.exchange)

c.CourseDirectory.source_directory = str(course / "source")

# A copy that is killed half-way leaves the old folder or the new one, and a folder that bears a
# stranger's name is refused: soc/exchange.py.
c.ExchangeFactory.collect = "soc.exchange.CollectFromCohort"
c.ExchangeFactory.release_assignment = "soc.exchange.ReleaseWhole"
# The mover, not the owner of a folder, proves who handed it in: the hub runs without root, and all
# folders then belong to one system user.
c.ExchangeCollect.check_owner = False

# Formgrader's button and `nbgrader autograde` wait while somebody else marks this cohort.
if not writing_the_course:
    c.Autograde.exporter_class = "soc.turns.ExporterInTurn"

c.GenerateAssignment.preprocessors = [
    "soc.translate.Translate",  # first: everything after it sees the cohort's language
    "nbgrader.preprocessors.LockCells",
    "soc.starts.ClearSolutionsToStart",  # also leaves what a student begins with
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    SAVE_CELLS,
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
if writing_the_course:
    c.GenerateAssignment.preprocessors.remove(SAVE_CELLS)
c.Translate.language = language
c.Translate.catalogues = str(course / "locale")
c.ClearSolutions.code_stub = {"python": "# Write your code here: សរសេរកូដនៅទីនេះ"}

c.Autograde.sanitize_preprocessors = [
    "autograder.sanitise.RestoreCells",  # which cells there are, and what they are, is ours to say
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.preprocessor.ExecuteInSandbox",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What a widget holds stays out of graded notebooks: opened, it would run as JavaScript.
c.ExecutePreprocessor.store_widget_state = False

c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.feedback.StudentView",  # no hidden test, words that help
    "autograder.overview.Overview",  # each exercise by its name, on top
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# The page is for a phone. Both folders: ours builds on nbgrader's template of the same name.
c.GenerateFeedback.HTMLExporter.template_name = "feedback_phone"
c.GenerateFeedback.HTMLExporter.template_file = "phone.html.j2"
c.GenerateFeedback.HTMLExporter.extra_template_basedirs = [
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
    str(Path(soc.__file__).parent / "authoring" / "templates"),
]
# Nothing that a student's code printed is run in the page of whoever reads it, formgrader included.
c.HTMLExporter.sanitize_html = True
c.TemplateExporter.filters = {
    "clean_html": "autograder.feedback.clean_html",
    "strip_files_prefix": "autograder.feedback.strip_files_prefix",
    "with_phone_head": "soc.authoring.page.with_phone_head",
}
