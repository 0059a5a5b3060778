"""MP4 with one AAC track: places of samples are told from the start of the file, so what goes is blanked in place."""

from collections.abc import Callable, Iterator

from jiafang.common.uploads.sound import NotSound

# Boxes that playing needs, by the box they stand in; "" is the file.
_INSIDE: dict[bytes, set[bytes]] = {
    b"": {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx"},
    b"moov": {b"mvhd", b"trak", b"mvex"},
    b"trak": {b"tkhd", b"edts", b"mdia"},
    b"edts": {b"elst"},
    b"mdia": {b"mdhd", b"hdlr", b"minf"},
    b"minf": {b"smhd", b"dinf", b"stbl"},
    b"dinf": {b"dref"},
    b"stbl": {b"stsd", b"stts", b"stsc", b"stsz", b"stco", b"co64", b"sgpd", b"sbgp"},
    b"mvex": {b"mehd", b"trex"},
    b"moof": {b"mfhd", b"traf"},
    b"traf": {b"tfhd", b"tfdt", b"trun", b"sgpd", b"sbgp"},
}
_SAMPLE_BYTES = 28
_LONGEST_DESCRIPTION = 200
_SELF_CONTAINED = b"\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0curl \x00\x00\x00\x01"

Box = tuple[bytes, int, int, int]  # name, its first place, the first of its body, the one behind its end


def is_mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


def blanked(content: bytes) -> bytes:
    """The same file with nothing but sound in it, or NotSound."""
    out = bytearray(content)
    seen: list[bytes] = []
    _walk(out, b"", 0, len(out), seen)
    if [seen.count(name) for name in (b"moov", b"trak", b"hdlr", b"stsd", b"dref")] != [1] * 5 or b"mdat" not in seen:
        raise NotSound("not one track of sound")
    return bytes(out)


def _walk(out: bytearray, parent: bytes, start: int, end: int, seen: list[bytes]) -> None:
    for name, first, body, stop in _boxes(out, start, end):
        if name not in _INSIDE[parent]:
            out[first + 4 : first + 8] = b"free"
            out[body:stop] = bytes(stop - body)
            continue
        seen.append(name)
        if name in _INSIDE:
            _walk(out, name, body, stop, seen)
        elif name in _LOOKED_AT:
            _LOOKED_AT[name](out, body, stop)


def _boxes(out: bytearray, start: int, end: int) -> Iterator[Box]:
    while start < end:
        if end - start < 8:
            raise NotSound("a box is cut")
        size, body = int.from_bytes(out[start : start + 4]), start + 8
        name = bytes(out[start + 4 : start + 8])
        if size == 1:
            size, body = int.from_bytes(out[start + 8 : start + 16]), start + 16
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            raise NotSound("a box is cut")
        yield name, start, body, start + size
        start += size


def _without_times(out: bytearray, body: int, stop: int) -> None:
    """When it was made is told by the server."""
    until = body + 4 + (16 if out[body : body + 1] == b"\x01" else 8)
    if until > stop:
        raise NotSound("a box is cut")
    out[body + 4 : until] = bytes(until - body - 4)


def _without_name(out: bytearray, body: int, stop: int) -> None:
    if stop - body < 24 or out[body + 8 : body + 12] != b"soun":
        raise NotSound("a track of something else")
    out[body + 24 : stop] = bytes(stop - body - 24)


def _from_this_file(out: bytearray, body: int, stop: int) -> None:
    if out[body:stop] != _SELF_CONTAINED:
        raise NotSound("sound from another place")


def _aac(out: bytearray, body: int, stop: int) -> None:
    """One description of samples: AAC."""
    entries = list(_boxes(out, body + 8, stop))
    if len(entries) != 1 or int.from_bytes(out[body + 4 : body + 8]) != 1 or entries[0][0] != b"mp4a":
        raise NotSound("not AAC")
    _name, _first, inside, end = entries[0]
    if end - inside > _LONGEST_DESCRIPTION or out[inside + 8 : inside + 10] != bytes(2):
        raise NotSound("a description of something else")
    described = 0
    for name, first, start, until in _boxes(out, inside + _SAMPLE_BYTES, end):
        if name == b"esds":
            described += 1
        else:
            out[first + 4 : first + 8] = b"free"
            out[start:until] = bytes(until - start)
    if described != 1:
        raise NotSound("not AAC")


_LOOKED_AT: dict[bytes, Callable[[bytearray, int, int], None]] = {
    b"mvhd": _without_times,
    b"tkhd": _without_times,
    b"mdhd": _without_times,
    b"hdlr": _without_name,
    b"dref": _from_this_file,
    b"stsd": _aac,
}
