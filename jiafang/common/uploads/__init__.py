"""Files from outside: told by their content, looked through, images written anew; what is doubtful is refused.

A name or a declared type is never believed. What comes out carries no position, no program and nothing behind its end.
"""

from jiafang.common.uploads.documents import ACCEPTED, content_type_of, take_document
from jiafang.common.uploads.names import true_name
from jiafang.common.uploads.photos import take_photo
from jiafang.common.uploads.taken import Taken
from jiafang.common.uploads.voice import take_voice

__all__ = ["ACCEPTED", "Taken", "content_type_of", "take_document", "take_photo", "take_voice", "true_name"]
