"""The short form of the campaign."""

from tests.frames.damage import SOUND, damaged_frames
from tests.frames.readers import read_frames


def test_no_damaged_frame_is_read_wrongly() -> None:
    assert read_frames(damaged_frames(7, 4_000), 40) == []


def test_sound_frames_and_each_of_their_beginnings() -> None:
    frames = [frame[:size] for frame in SOUND for size in range(len(frame) + 1)]
    assert read_frames(frames, 1) == []
