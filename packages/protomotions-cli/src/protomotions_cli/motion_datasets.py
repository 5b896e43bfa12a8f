# SPDX-License-Identifier: Apache-2.0
"""Collections of human and robot motion that others offer: how much, on which terms, where, and how to read them.

Nothing is downloaded: most ask for an account or for consent to their terms, which only the user can give.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MotionDataset:
    """One collection; what is said of its terms is a hint, its own page counts."""

    name: str
    """As its authors call it."""
    content: str
    """What it shows, and in which files."""
    size: str
    """How much there is, as its authors count."""
    licence: str
    """Its terms in short."""
    access: str
    """Where it is and what it asks for."""
    command: str
    """Which command reads it."""


DATASETS = (
    MotionDataset(
        name="AMASS",
        content="everyday and athletic motion of people from many laboratories, as poses of the SMPL-H or SMPL-X body",
        size="more than 11,000 clips, 40 h, 300 people",
        licence="for non-commercial research; its parts have terms of their own: see its site",
        access="amass.is.tue.mpg.de, after registration: the SMPL-H or the SMPL-X files of each part; no body model "
        "is needed",
        command="protomotions motions convert AMASS OUT --robot smpl, or --robot g1 to retarget it",
    ),
    MotionDataset(
        name="LAFAN1",
        content="walking, running, dancing, fighting, falling, obstacles; BVH at 30 frames/s",
        size="77 clips, 4.6 h, 5 people",
        licence="CC-BY-NC-ND-4.0: not for commercial use, and what is made of it may not be passed on",
        access="GitHub, ubisoft/ubisoft-laforge-animation-dataset: the file lafan1.zip",
        command="protomotions motions convert lafan1 OUT --robot g1",
    ),
    MotionDataset(
        name="CMU",
        content="everyday motion, sports, dance; an ASF skeleton per person and AMC motion at 120 frames/s",
        size="about 2,500 clips, 144 subjects",
        licence="free to use, also in products; not to be sold itself",
        access="mocap.cs.cmu.edu: the archive of all ASF and AMC files is linked from its FAQ",
        command="protomotions motions convert subjects OUT --robot g1",
    ),
    MotionDataset(
        name="BONES-SEED",
        content="everyday motion, described in words; retargeted to the Unitree G1 as CSV, and BVH; 120 frames/s",
        size="142,220 clips, half of them mirrored, 288 h, 522 people",
        licence="the BONES-SEED licence: see its site",
        access="Hugging Face, bones-studio/seed, after consent to its terms: the archive of the G1",
        command="protomotions motions convert g1/csv OUT --robot g1 --fps 120",
    ),
    MotionDataset(
        name="PHUMA",
        content="motion from videos and motion capture, retargeted to the Unitree G1 and H1-2; NumPy files",
        size="73 h",
        licence="see its site",
        access="davian-robotics.github.io/PHUMA",
        command="protomotions motions convert PHUMA OUT --robot g1, or --robot h1_2",
    ),
    MotionDataset(
        name="100STYLE",
        content="walking, running and standing in 100 styles; BVH at 60 frames/s",
        size="810 clips, more than 4 million frames, 18 h, 1 person",
        licence="CC-BY-4.0",
        access="ianxmason.com/100style, which links to Zenodo",
        command="protomotions motions convert 100STYLE OUT --robot g1",
    ),
    MotionDataset(
        name="G1 Moves",
        content="dance, karate and fencing, retargeted to the Unitree G1; CSV at 60 frames/s",
        size="59 clips, 30 min",
        licence="CC-BY-4.0, Experiential Technologies",
        access="GitHub, experientialtech/g1-moves: the CSV files",
        command="protomotions motions convert FOLDER_OF_CSV OUT --robot g1",
    ),
)
"""Every collection that is known, the largest human ones first."""
