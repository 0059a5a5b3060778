"""The name under which an upload is handed out again."""

from django.utils.translation import gettext as _

LONGEST_STEM = 100
# Separators of paths, and what a file system or a header takes for something else.
_NEVER = frozenset('/\\:*?"<>|;%')


def true_name(name: str | None, suffix: str) -> str:
    """The last part of a name without inner endings, whose own ending tells the truth."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last else last
    kept = "".join(c for c in stem if c.isprintable() and c not in _NEVER)
    # 通知.php.pdf would be a program to some server: inner dots become spaces.
    kept = " ".join(kept.replace(".", " ").split())[:LONGEST_STEM].strip()
    return (kept or _("文件")) + suffix
