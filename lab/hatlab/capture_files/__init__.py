"""Files of captured frames: pcap and pcapng, read frame by frame, written block by block.

read           opens a capture, also one compressed by gzip or xz
pcap           the older format (draft-ietf-opsawg-pcap), of tcpdump
pcapng         the newer one (draft-ietf-opsawg-pcapng), of Wireshark
write          a pcapng file, for `hatlab export` and `hatlab capture`
blocks         its blocks and options
link_layer     a frame of any link type as untagged Ethernet
frame_filter   tcpdump's filters
frame          a captured frame

Nothing here keeps more than one frame in memory. What a file says about itself is not believed: lengths have
limits, and where a file ends or is damaged, that is noted and what stands before is used.

>>> notes: list[CaptureError] = []
>>> for frame in read_capture(Path("db1.pcapng"), notes):
...     ethernet = to_ethernet(frame.link_type, frame.data)
"""

from hatlab.capture_files.frame import CapturedFrame
from hatlab.capture_files.link_layer import UntaggedFrame, to_ethernet
from hatlab.capture_files.read import is_capture, read_capture, read_frames

__all__ = ["CapturedFrame", "UntaggedFrame", "is_capture", "read_capture", "read_frames", "to_ethernet"]
