"""Recordings are told by their content and keep the sound alone; what is doubtful is refused."""

import random

import pytest

from jiafang.common.errors import InputFault
from jiafang.common.uploads import take_voice
from jiafang.common.uploads.voice import LARGEST_VOICE
from tests.attachments.recordings import OPUS_HEAD, PACKET, box, check_sum, element, mp4, ogg, page, webm
from tests.uploads.files import image
from tests.uploads.hostile import CANARY, MAKERS, hostile

TAGS = element(0x1254C367, element(0x7373, element(0x67C8, element(0x45A3, b"LOCATION") + element(0x4487, CANARY))))
COVER = element(0x1941A469, element(0x61A7, element(0x465C, CANARY)))
VOID = element(0xEC, CANARY)
POSITION = box(b"udta", box(b"\xa9xyz", CANARY))
OF_A_PHONE = box(b"meta", box(b"keys", CANARY) + box(b"ilst", CANARY))

TRACK = mp4()[mp4().index(b"trak") - 4 :][: int.from_bytes(mp4()[mp4().index(b"trak") - 4 :][:4])]

HONEST = {
    "webm": (webm(), "audio/webm"),
    "webm without lengths": (webm(live=True), "audio/webm"),
    "ogg": (ogg(), "audio/ogg"),
    "m4a": (mp4(), "audio/mp4"),
}
MADE_HARMLESS = {
    "webm with tags": webm(in_segment=TAGS),
    "webm with a cover": webm(in_segment=COVER),
    "webm with a void": webm(in_segment=VOID, in_cluster=VOID),
    "webm with a title": webm(in_info=element(0x7BA9, CANARY) + element(0x4461, bytes(8))),
    "webm with a name of the track": webm(in_track=element(0x536E, CANARY)),
    "webm without lengths, with tags": webm(live=True, in_segment=TAGS),
    "webm with an end behind its end": webm(tail=CANARY[:0] + element(0xEC, CANARY)),
    "ogg with comments": ogg(comment=b"LOCATION=" + CANARY),
    "ogg with a long comment": ogg(comment=b"METADATA_BLOCK_PICTURE=" + CANARY * 20),
    "m4a with a position": mp4(in_movie=POSITION),
    "m4a with the tags of a telephone": mp4(in_movie=OF_A_PHONE, in_track=OF_A_PHONE),
    "m4a with boxes of its own": mp4(in_file=box(b"uuid", CANARY) + box(b"free", CANARY) + box(b"skip", CANARY)),
    "m4a with a name of the track": mp4(name=CANARY + b"\x00"),
    "m4a with something in the description": mp4(in_sample=box(b"cust", CANARY)),
}
REFUSED = {
    "nothing": b"",
    "a picture": image(),
    "too large": webm() + bytes(LARGEST_VOICE),
    "Matroska": webm(doc_type=b"matroska"),
    "webm with a video": webm(kind=1),
    "webm with a second track": webm(in_tracks=element(0xAE, element(0xD7, b"\x02"))),
    "webm with Vorbis": webm(codec=b"A_VORBIS"),
    "webm without a head": webm(head=b""),
    "webm with a head that holds more": webm(head=OPUS_HEAD + CANARY),
    "webm with a head of eight channels": webm(head=OPUS_HEAD[:9] + b"\x08" + OPUS_HEAD[10:18] + b"\x01"),
    "webm with a block of another track": webm(track_of_block=2),
    "webm with laced blocks": webm(lacing=2),
    "webm with a long number": webm(in_info=element(0x4489, CANARY)),
    "webm without sound": webm(packets=0),
    "webm cut": webm()[:-3],
    "ogg with two streams": ogg() + page(0, OPUS_HEAD, flags=2, stream=b"efgh"),
    "ogg without sound": ogg(sound=b""),
    "ogg with Vorbis": ogg(head=b"\x01vorbis" + bytes(23)),
    "ogg with more in its head": ogg(head=OPUS_HEAD + CANARY),
    "ogg with something behind its end": ogg(tail=CANARY),
    "ogg cut": ogg()[:-3],
    "a video": mp4(handler=b"vide"),
    "m4a with another codec": mp4(codec=b"avc1"),
    "m4a with sound elsewhere": mp4(source=box(b"url ", bytes(4) + b"https://example.com/" + CANARY)),
    "m4a with two tracks": mp4(in_movie=TRACK),
    "m4a with something behind its end": mp4(tail=CANARY),
    "m4a cut": mp4()[:-3],
    "m4a of nothing": box(b"ftyp", b"M4A "),
}


@pytest.mark.parametrize("what", HONEST)
def test_an_honest_recording_is_taken(what):
    content, content_type = HONEST[what]
    taken = take_voice(content)
    assert taken.content_type == content_type
    assert taken.content.count(PACKET) == content.count(PACKET)


@pytest.mark.parametrize("what", HONEST)
def test_what_was_taken_would_be_taken_again_unchanged(what):
    taken = take_voice(HONEST[what][0])
    assert take_voice(taken.content).content == taken.content


@pytest.mark.parametrize("what", MADE_HARMLESS)
def test_what_hangs_on_a_recording_does_not_stay(what):
    assert CANARY in MADE_HARMLESS[what]
    assert CANARY not in take_voice(MADE_HARMLESS[what]).content


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_recording_is_refused_in_words(what):
    with pytest.raises(InputFault) as refused:
        take_voice(REFUSED[what])
    assert refused.value.message


def test_when_it_was_made_does_not_stay():
    assert (0x12345678).to_bytes(4) in mp4(made_at=0x12345678)
    assert (0x12345678).to_bytes(4) not in take_voice(mp4(made_at=0x12345678)).content


def test_pages_of_ogg_carry_the_right_check_sum():
    content = take_voice(ogg(comment=b"TITLE=" + CANARY)).content
    pages = [b"OggS" + rest for rest in content.split(b"OggS")[1:]]
    assert len(pages) == 3
    for one in pages:
        told = int.from_bytes(one[22:26], "little")
        assert check_sum(one[:22] + bytes(4) + one[26:]) == told


def test_other_hostile_files_are_no_recordings():
    for number in range(len(MAKERS)):
        with pytest.raises(InputFault):
            take_voice(hostile(number).content)


def test_damaged_recordings_are_refused_or_taken_but_never_fail_otherwise():
    chance = random.Random("damaged recordings")
    taken = 0
    for content, _type in HONEST.values():
        for _time in range(400):
            damaged = bytearray(content)
            for _place in range(chance.randint(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            if chance.random() < 0.2:
                del damaged[chance.randrange(len(damaged)) :]
            try:
                take_voice(bytes(damaged))
            except InputFault:
                continue
            taken += 1
    assert 100 < taken < 1500
