"""The one error of backup and restore."""

from jiafang.common.errors import JiafangError


class RescueError(JiafangError):
    """The backup or the restore was not done; the message says where it stopped and that nothing was changed."""
