"""Recordings made by hand, small, with room for what must not stay in them."""

OPUS_HEAD = b"OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
PACKET = b"\x78" + bytes(range(40))


def element(at: int, body: bytes, *, told: bool = True) -> bytes:
    name = at.to_bytes((at.bit_length() + 7) // 8)
    return name + ((len(body) | 1 << 56).to_bytes(8) if told else b"\x01" + b"\xff" * 7) + body


def webm(
    *,
    packets: int = 3,
    codec: bytes = b"A_OPUS",
    kind: int = 2,
    doc_type: bytes = b"webm",
    head: bytes = OPUS_HEAD,
    in_info: bytes = b"",
    in_track: bytes = b"",
    in_tracks: bytes = b"",
    in_segment: bytes = b"",
    in_cluster: bytes = b"",
    track_of_block: int = 1,
    lacing: int = 0,
    live: bool = False,
    tail: bytes = b"",
) -> bytes:
    """One track of Opus; `live`: as a browser writes it, without lengths."""
    info = element(0x2AD7B1, (1_000_000).to_bytes(3)) + element(0x4D80, b"Browser") + element(0x5741, b"Browser")
    audio = element(0xE1, element(0xB5, bytes.fromhex("473b8000")) + element(0x9F, b"\x01"))
    private = element(0x63A2, head) if head else b""
    track = element(0xD7, b"\x01") + element(0x73C5, b"\x07") + element(0x83, bytes([kind])) + element(0x86, codec)
    tracks = element(0xAE, track + private + audio + in_track) + in_tracks
    blocks = b"".join(
        element(0xA3, bytes([0x80 | track_of_block]) + (20 * n).to_bytes(2) + bytes([0x80 | lacing]) + PACKET)
        for n in range(packets)
    )
    cluster = element(0x1F43B675, element(0xE7, b"\x00") + blocks + in_cluster, told=not live)
    body = element(0x1549A966, info + in_info) + element(0x1654AE6B, tracks) + in_segment + cluster
    if live:
        body += element(0x1F43B675, element(0xE7, b"\x40") + blocks, told=False)
    head_of_file = element(0x1A45DFA3, element(0x4286, b"\x01") + element(0x4282, doc_type))
    return head_of_file + element(0x18538067, body, told=not live) + tail


def page(number: int, body: bytes, *, flags: int = 0, position: int = 0, stream: bytes = b"abcd") -> bytes:
    lacing = bytes([255] * (len(body) // 255) + [len(body) % 255])
    header = b"OggS\x00" + bytes([flags]) + position.to_bytes(8, "little") + stream + number.to_bytes(4, "little")
    rest = bytes([len(lacing)]) + lacing + body
    return header + check_sum(header + bytes(4) + rest).to_bytes(4, "little") + rest


def check_sum(content: bytes) -> int:
    """As the standard words it, bit by bit."""
    register = 0
    for byte in content:
        register ^= byte << 24
        for _bit in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
    return register


def ogg(*, comment: bytes = b"", head: bytes = OPUS_HEAD, sound: bytes | None = None, tail: bytes = b"") -> bytes:
    comments = (1).to_bytes(4, "little") + len(comment).to_bytes(4, "little") + comment if comment else bytes(4)
    tags = b"OpusTags" + (3).to_bytes(4, "little") + b"abc" + comments
    last = page(2, PACKET, flags=4, position=960) if sound is None else sound
    return page(0, head, flags=2) + page(1, tags) + last + tail


def box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + name + body


def mp4(
    *,
    handler: bytes = b"soun",
    codec: bytes = b"mp4a",
    in_movie: bytes = b"",
    in_track: bytes = b"",
    in_file: bytes = b"",
    name: bytes = b"SoundHandler\x00",
    source: bytes = b"\x00\x00\x00\x0curl \x00\x00\x00\x01",
    made_at: int = 0,
    in_sample: bytes = b"",
    tail: bytes = b"",
) -> bytes:
    """One track of AAC; what hangs on it goes where the arguments say."""
    full = bytes(4)
    times = full + made_at.to_bytes(4) * 2
    esds = box(b"esds", full + bytes.fromhex("0315000200040d40150000000000fa000000fa0005021208060102"))
    sample = box(
        codec, bytes(6) + b"\x00\x01" + bytes(8) + b"\x00\x01\x00\x10" + bytes(4) + bytes(4) + esds + in_sample
    )
    table = b"".join(box(kind, full + bytes(4)) for kind in (b"stts", b"stsc", b"stco"))
    table = box(b"stsd", full + b"\x00\x00\x00\x01" + sample) + table + box(b"stsz", full + bytes(8))
    media = box(b"smhd", full + bytes(4)) + box(b"dinf", box(b"dref", full + b"\x00\x00\x00\x01" + source))
    media = box(b"minf", media + box(b"stbl", table))
    media = box(b"mdhd", times + bytes(12)) + box(b"hdlr", full + bytes(4) + handler + bytes(12) + name) + media
    track = box(b"trak", box(b"tkhd", times + bytes(72)) + box(b"mdia", media) + in_track)
    movie = box(b"moov", box(b"mvhd", times + bytes(88)) + track + in_movie)
    return box(b"ftyp", b"M4A \x00\x00\x00\x00M4A mp42isom") + movie + in_file + box(b"mdat", PACKET * 3) + tail
