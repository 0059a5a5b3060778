"""The icons of the sprite that the front-end build makes from the same list."""

from importlib import resources

ICON_NAMES = frozenset(resources.files(__package__).joinpath("icons.txt").read_text("utf-8").split())

CHANNEL_ICONS = {
    "phone": "phone",
    "voice": "message-circle",
    "video": "video",
    "onsite": "home-heart",
    "at_school": "school",
}

TONE_ICONS = {
    "met": "check",
    "due": "clock",
    "overdue": "alert-triangle",
    "unseen": "circle-dashed",
    "declined": "minus",
    "info": "info-circle",
    "neutral": "",
}
