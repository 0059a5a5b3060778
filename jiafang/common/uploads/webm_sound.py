"""WebM with one Opus track: a new file of the elements that playing needs; everything else is left behind."""

from collections.abc import Iterator

from jiafang.common.uploads.sound import NotSound, check_opus_head

EBML, DOC_TYPE = 0x1A45DFA3, 0x4282
SEGMENT, INFO, TRACKS, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
TIMECODE_SCALE, DURATION, MUXING_APP, WRITING_APP = 0x2AD7B1, 0x4489, 0x4D80, 0x5741
TRACK, NUMBER, UID, TYPE, CODEC, PRIVATE, AUDIO = 0xAE, 0xD7, 0x73C5, 0x83, 0x86, 0x63A2, 0xE1
CODEC_DELAY, SEEK_PRE_ROLL, RATE, CHANNELS, BITS = 0x56AA, 0x56BB, 0xB5, 0x9F, 0x6264
TIMECODE, SIMPLE_BLOCK, GROUP, BLOCK, BLOCK_DURATION, DISCARD = 0xE7, 0xA3, 0xA0, 0xA1, 0x9B, 0x75A2
# What may follow a cluster whose length was not known when it was begun.
_OF_SEGMENT = {CLUSTER, INFO, TRACKS, 0x114D9B74, 0x1C53BB6B, 0x1254C367, 0x1941A469, 0x1043A770}
_SOUND = 2
_NUMBERS = {TIMECODE_SCALE, DURATION, NUMBER, UID, TYPE, CODEC_DELAY, SEEK_PRE_ROLL, RATE, CHANNELS, BITS}
_NUMBERS |= {TIMECODE, BLOCK_DURATION, DISCARD}

Element = tuple[int, int, int, bool]  # id, first and last place of the body, whether its length is told


def is_webm(content: bytes) -> bool:
    return content.startswith(b"\x1aE\xdf\xa3")


def written_anew(content: bytes) -> bytes:
    """The sound as a new file, or NotSound."""
    top = _elements(content, 0, len(content))
    head, segment = next(top, None), next(top, None)
    if head is None or segment is None or head[0] != EBML or segment[0] != SEGMENT:
        raise NotSound("no segment")
    kinds = [content[a:b] for at, a, b, _told in _elements(content, head[1], head[2]) if at == DOC_TYPE]
    if kinds != [b"webm"]:
        raise NotSound("another kind of Matroska")
    info, track, number, clusters = b"", b"", 0, []
    for at, start, end, told in _of_segment(content, segment[1], segment[2]):
        if at == INFO:
            info = _kept(content, start, end, {TIMECODE_SCALE, DURATION})
        elif at == TRACKS:
            if track:
                raise NotSound("two lists of tracks")
            track, number = _track(content, start, end)
        elif at == CLUSTER:
            clusters.append(_cluster(content, start, end, number, told))
    if not track or not any(clusters):
        raise NotSound("no sound")
    told_by = _element(MUXING_APP, b"jiafang") + _element(WRITING_APP, b"jiafang")
    body = _element(INFO, info + told_by) + _element(TRACKS, _element(TRACK, track))
    return _head() + _element(SEGMENT, body + b"".join(_element(CLUSTER, one) for one in clusters if one))


def _head() -> bytes:
    versions = ((0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8), (0x4287, 4), (0x4285, 2))
    told = b"".join(_element(at, bytes([value])) for at, value in versions)
    return _element(EBML, told + _element(DOC_TYPE, b"webm"))


def _of_segment(content: bytes, start: int, end: int) -> Iterator[Element]:
    """The parts of a segment; one without a told length ends where the next part begins."""
    while start < end:
        at, body, stop, told = _element_at(content, start, end)
        if not told:
            if at != CLUSTER:
                raise NotSound("a part without a length")
            stop = body
            while stop < end:
                inner, _body, after, _told = _element_at(content, stop, end)
                if inner in _OF_SEGMENT:
                    break
                stop = after
        yield at, body, stop, told
        start = stop


def _track(content: bytes, start: int, end: int) -> tuple[bytes, int]:
    """The one track, and its number."""
    entries = [(a, b) for at, a, b, _told in _elements(content, start, end) if at == TRACK]
    if len(entries) != 1:
        raise NotSound("not one track")
    kept, found = b"", {}
    for at, a, b, _told in _elements(content, *entries[0]):
        value = content[a:b]
        if at in (NUMBER, UID, TYPE, CODEC_DELAY, SEEK_PRE_ROLL):
            kept += _number(at, value)
        elif at == CODEC:
            kept += _element(at, b"A_OPUS")
        elif at == PRIVATE:
            check_opus_head(value)
            kept += _element(at, value)
        elif at == AUDIO:
            kept += _element(at, _kept(content, a, b, {RATE, CHANNELS, BITS}))
        else:
            continue
        if at in found:
            raise NotSound("told twice")
        found[at] = value
    if found.get(CODEC, b"").rstrip(b"\x00") != b"A_OPUS" or not {NUMBER, TYPE, PRIVATE, AUDIO} <= found.keys():
        raise NotSound("no Opus")
    number = int.from_bytes(found[NUMBER])
    if int.from_bytes(found[TYPE]) != _SOUND or not 1 <= number <= 126:
        raise NotSound("no track of sound")
    return kept, number


def _cluster(content: bytes, start: int, end: int, number: int, told: bool) -> bytes:
    """Blocks of the track with their times."""
    kept, blocks = [], 0
    for at, a, b, _told in _elements(content, start, end):
        if at == TIMECODE:
            kept.append(_number(at, content[a:b]))
        elif at == SIMPLE_BLOCK:
            kept.append(_block(at, content[a:b], number))
            blocks += 1
        elif at == GROUP:
            kept.append(_group(content, a, b, number))
            blocks += 1
    return b"".join(kept) if blocks else b""


def _group(content: bytes, start: int, end: int, number: int) -> bytes:
    kept = b""
    for at, a, b, _told in _elements(content, start, end):
        if at == BLOCK:
            kept += _block(at, content[a:b], number)
        elif at in (BLOCK_DURATION, DISCARD):
            kept += _number(at, content[a:b])
    return _element(GROUP, kept)


def _block(at: int, block: bytes, number: int) -> bytes:
    """A block holds its track, a time, flags, and one packet."""
    if len(block) < 5 or block[0] != 0x80 | number or block[3] & 0x06:
        raise NotSound("a block of something else")
    return _element(at, block)


def _kept(content: bytes, start: int, end: int, wanted: set[int]) -> bytes:
    return b"".join(_number(at, content[a:b]) for at, a, b, _told in _elements(content, start, end) if at in wanted)


def _number(at: int, value: bytes) -> bytes:
    if at not in _NUMBERS or len(value) > 8:
        raise NotSound("a number too long")
    return _element(at, value)


def _elements(content: bytes, start: int, end: int) -> Iterator[Element]:
    while start < end:
        found = _element_at(content, start, end)
        yield found
        start = found[2]


def _element_at(content: bytes, start: int, end: int) -> Element:
    at, body = _varying(content, start, end, 4, keep_mark=True)
    size, first = _varying(content, body, end, 8, keep_mark=False)
    if size == (1 << 7 * (first - body)) - 1:
        return at, first, end, False
    if first + size > end:
        raise NotSound("a part is cut")
    return at, first, first + size, True


def _varying(content: bytes, start: int, end: int, longest: int, *, keep_mark: bool) -> tuple[int, int]:
    """A number whose length stands in its first bits, and the place behind it."""
    if start >= end:
        raise NotSound("a part is cut")
    length = 9 - content[start].bit_length()
    if length > longest or start + length > end:
        raise NotSound("no number")
    value = int.from_bytes(content[start : start + length])
    return (value if keep_mark else value & ((1 << 7 * length) - 1)), start + length


def _element(at: int, body: bytes) -> bytes:
    return at.to_bytes((at.bit_length() + 7) // 8) + (len(body) | 1 << 56).to_bytes(8) + body
