"""How nbgrader finds its way in this clone; its commands and formgrader, run here, read this.

`solutions/` is what nbgrader calls the source and `exercises/` its release. What learners hand in
lies in `submitted/<student>/<assignment>/`; `autograded/`, `feedback/` and `gradebook.db` come from
grading, and none of these four is in git.
"""

from nbconvert.exporters import NotebookExporter

c = get_config()  # noqa: F821, nbgrader gives this name to a configuration file

c.CourseDirectory.course_id = "backpropagation"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# With JupyterHub, where nbgrader passes assignments on to learners through a folder that everybody
# can write to, name that folder here; nbgrader does not make it:
# c.Exchange.root = "/srv/nbgrader/exchange"

# Pages that say less than the gradebook are worth nothing: they are always made anew.
c.GenerateFeedback.force = True


class Refused(NotebookExporter):
    """Stops `nbgrader autograde`, and formgrader's button for it, before it changes anything.

    It would run the code of learners here, with all rights of whoever grades, in one process with
    the checks, and overwrite what `coursepkg grade` has written.
    """

    def __init__(self, *args, **options):
        raise SystemExit(
            "Not graded: nbgrader would run the learners' code here without protection. "
            "Grade with: coursepkg grade submitted --assignment NAME --out RESULTS --gradebook"
        )


c.Autograde.exporter_class = Refused
