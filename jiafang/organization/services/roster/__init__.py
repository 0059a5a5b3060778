"""A roster import from upload to commit; `import_files` does all of it without a page."""

from jiafang.organization.services.roster.choose import abandon, choose, map_headers
from jiafang.organization.services.roster.commit import commit_import, confirm
from jiafang.organization.services.roster.headless import import_files
from jiafang.organization.services.roster.preview import check_import
from jiafang.organization.services.roster.stored import files_of
from jiafang.organization.services.roster.upload import upload_roster

__all__ = [
    "abandon",
    "check_import",
    "choose",
    "commit_import",
    "confirm",
    "files_of",
    "import_files",
    "map_headers",
    "upload_roster",
]
