# SPDX-License-Identifier: Apache-2.0
"""Packs: what is written is found again, whole or as coordinates, on either way of keeping them."""

import json
from dataclasses import replace

import pytest
import torch

from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.errors import MotionError
from protomotions_envs.motions import MotionLibrary, builtin_motions, is_pack, load_motions, open_pack, write_pack
from protomotions_envs.motions.readers import load_clips
from protomotions_envs.robots import load_robot
from protomotions_envs.vector_env import load_library


@pytest.fixture
def clips(swing):
    """Two clips of different lengths and weights."""
    return [swing, replace(swing.cut(0.2, 0.7, name="part"), weight=3.0)]


@pytest.fixture
def pack(clips, tiny, tmp_path):
    """The clips as a pack at their own rate."""
    return write_pack(tmp_path / "clips.pack", clips, tiny, fps=20.0)


def test_the_index_says_what_is_inside(pack, clips):
    """Names, frames, weights, sources and licences."""
    assert is_pack(pack.path)
    assert (pack.robot, pack.fps, pack.num_frames) == ("tiny", 20.0, 20 + 11)
    assert [(clip.name, clip.first_frame, clip.num_frames, clip.weight) for clip in pack.clips] == [
        ("swing", 0, 20, 1.0),
        ("part", 20, 11, 3.0),
    ]
    assert {(clip.source, clip.licence) for clip in pack.clips} == {("made up", "CC0-1.0")}


@pytest.mark.parametrize("whole_states_bytes", [0, 1 << 30])
def test_a_library_of_a_pack_is_that_of_its_clips(pack, clips, tiny, whole_states_bytes):
    """Coordinates are the same to the bit; bodies follow from them, their velocities from rates, not differences."""
    plain = MotionLibrary(clips, tiny, fps=20.0)
    packed = MotionLibrary.from_pack(pack, tiny, whole_states_bytes=whole_states_bytes)
    assert packed.names == plain.names
    for name in ("weights", "num_frames", "first_frame", "durations"):
        assert torch.equal(getattr(packed, name), getattr(plain, name))
    index = torch.tensor([0, 7, 30, 20, 12])
    assert torch.equal(packed.coordinates(index).rows, plain.coordinates(index).rows)
    one, other = packed.frames(index), plain.frames(index)
    torch.testing.assert_close(one.body_pos, other.body_pos, atol=1e-6, rtol=0)
    torch.testing.assert_close(one.body_rot, other.body_rot, atol=1e-6, rtol=0)
    torch.testing.assert_close(one.body_lin_vel[1:], other.body_lin_vel[1:], atol=0.05, rtol=0)
    assert torch.equal(one.body_contact, other.body_contact)
    torch.testing.assert_close(packed.body_positions(index), plain.body_positions(index), atol=1e-6, rtol=0)
    torch.testing.assert_close(packed.outlook(index).rows, plain.outlook(index).rows, atol=1e-6, rtol=0)
    grid = torch.tensor([[0, 1], [30, 29]])
    assert torch.equal(packed.coordinates(grid).rows, plain.coordinates(grid).rows)


def test_memory_is_what_the_format_says(pack, tiny):
    """Coordinates are 13 + 2 J numbers and one per foot; whole states 2 J + 14 B, an outlook of 9 + 2 J and 3 B."""
    assert MotionLibrary.from_pack(pack, tiny, whole_states_bytes=0).num_bytes == 31 * 4 * (13 + 6 + 1)
    assert MotionLibrary.from_pack(pack, tiny).num_bytes == 31 * 4 * ((6 + 14 * 4) + (9 + 6) + 3 * 4)


def test_shares_of_a_pack_hold_their_clips(pack, tiny):
    """Each of two processes has one clip, numbered from frame 0."""
    first, second = (MotionLibrary.from_pack(pack, tiny, rank=rank, ranks=2) for rank in range(2))
    assert (first.names, second.names) == (("swing",), ("part",))
    assert second.first_frame.tolist() == [0]
    whole = MotionLibrary.from_pack(pack, tiny)
    assert torch.equal(second.frames(torch.arange(11)).body_pos, whole.frames(torch.arange(20, 31)).body_pos)


@pytest.mark.parametrize("whole_states_bytes", [0, 1 << 30])
def test_lookups_never_wait_for_the_device(pack, tiny, whole_states_bytes):
    """Tensors without values can't be looked at from the host."""
    library = MotionLibrary.from_pack(pack, tiny, device="meta", whole_states_bytes=whole_states_bytes)
    index = torch.zeros(5, 2, dtype=torch.long, device="meta")
    assert library.frames(index[:, 0]).body_pos.shape == (5, 4, 3)
    assert library.coordinates(index).rows.shape == (5, 2, 19)
    assert library.outlook(index).rows.shape == (5, 2, 15)
    assert library.body_positions(index[:, 0]).shape == (5, 4, 3)


def test_packs_are_read_as_motions(pack, clips, tiny):
    """Where single clips are wanted, for instance to look at them, they come back."""
    back = load_clips(pack.path, tiny)
    assert [clip.name for clip in back] == ["swing", "part"]
    torch.testing.assert_close(torch.tensor(back[0].body_pos), torch.tensor(clips[0].body_pos), atol=1e-6, rtol=0)
    assert back[1].weight == 3.0


def test_an_environment_follows_a_pack(tmp_path):
    """`motion_file` may name a pack; `motion_shard` takes a share of it, and of a folder of clips as well."""
    g1 = load_robot("g1")
    files = [builtin_motions(g1)[name] for name in ("squat", "wave")]
    motions = [motion for file in files for motion in load_motions(file, g1)]
    write_pack(tmp_path / "two.pack", motions, g1, fps=50.0)
    config = EnvConfig(motion_file=str(tmp_path / "two.pack"))
    env = HumanoidVectorEnv(2, config=config)
    observation, _ = env.reset(seed=0)
    assert all(torch.isfinite(part).all() for part in observation.values())
    env.step(torch.zeros(2, 29))
    env.close()
    shares = [load_library(replace(config, motion_shard=(rank, 2))).names for rank in range(2)]
    assert sorted(name for share in shares for name in share) == sorted(motion.name for motion in motions)


def test_writing_again_replaces_a_pack_and_nothing_else(pack, clips, tiny, tmp_path):
    """A folder that is no pack is never touched, and a failed write leaves the old pack as it was."""
    with pytest.raises(MotionError, match="no clips"):
        write_pack(pack.path, [], tiny, fps=20.0)
    assert open_pack(pack.path, tiny).num_frames == 31
    write_pack(pack.path, clips[1:], tiny, fps=20.0)
    assert open_pack(pack.path, tiny).num_frames == 11
    (tmp_path / "notes").mkdir()
    with pytest.raises(MotionError, match="not a pack"):
        write_pack(tmp_path / "notes", clips, tiny, fps=20.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clips.pack", "notes"]


def edited(change):
    """Return a function that edits a pack's index."""

    def edit(path):
        index = json.loads((path / "index.json").read_text())
        change(index)
        (path / "index.json").write_text(json.dumps(index))

    return edit


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: (path / "index.json").write_text("{"), "damaged"),
        (lambda path: (path / "index.json").write_text("[]"), "not a pack of version 1"),
        (lambda path: (path / "frames.bin").unlink(), "can't be read"),
        (lambda path: (path / "frames.bin").write_bytes(b"1234"), "has 4 bytes; its index needs 2480"),
        (edited(lambda index: index.update(version=2)), "version 1"),
        (edited(lambda index: index.update(joint_names=["knee"])), "packed for robot 'tiny'"),
        (edited(lambda index: index.update(fps="fast")), "damaged"),
        (edited(lambda index: index["clips"][1].update(first_frame=3)), "damaged"),
        (edited(lambda index: index["clips"][1].update(colour="red")), "damaged"),
        (edited(lambda index: index.update(clips=[])), "bytes"),
    ],
)
def test_damaged_packs_are_refused(pack, tiny, damage, words):
    """One line that says what is wrong."""
    damage(pack.path)
    with pytest.raises(MotionError, match=words):
        open_pack(pack.path, tiny)


def test_a_pack_at_another_rate_is_refused(pack, tiny):
    """An environment needs one frame per control step."""
    with pytest.raises(MotionError, match="has 20 frames per second but 50 are needed"):
        open_pack(pack.path, tiny, fps=50.0)
