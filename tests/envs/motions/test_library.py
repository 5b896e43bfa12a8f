# SPDX-License-Identifier: Apache-2.0
"""The library: resampling, lookups, sampling."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, MotionLibrary
from protomotions_envs.motions.motion import FRAME_ARRAYS
from protomotions_envs.robots import Robot
from protomotions_envs.state import Outlook, RobotState, StateLayout

LINEAR = ("joint_pos", "joint_vel", "body_pos", "body_lin_vel", "body_ang_vel")


def slerp_by_power(a: np.ndarray, b: np.ndarray, blend: float) -> np.ndarray:
    """Return a (a^-1 b)^blend for quaternions wxyz [..., 4] by angle and tangent: not the library's formula."""
    nearer = np.where((a * b).sum(-1, keepdims=True) < 0, -b, b)
    w = (a * nearer).sum(-1, keepdims=True)
    axis = nearer - w * a
    norm = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(norm, w)
    return np.cos(blend * angle) * a + np.sin(blend * angle) * axis / np.maximum(norm, 1e-12)


def expected_at(motion: Motion, time: float) -> dict[str, np.ndarray]:
    """Return the interpolated arrays of a clip at a time, in float64."""
    place = time * motion.fps
    before = min(int(place), motion.num_frames - 2)
    blend = place - before
    arrays = {f: np.asarray(getattr(motion, f), dtype=np.float64) for f in FRAME_ARRAYS}
    result = {f: (1 - blend) * arrays[f][before] + blend * arrays[f][before + 1] for f in LINEAR}
    result["body_rot"] = slerp_by_power(arrays["body_rot"][before], arrays["body_rot"][before + 1], blend)
    return result


def assert_state(state: RobotState, row: int, expected: dict[str, np.ndarray]) -> None:
    """Compare a row of a state with arrays, quaternions up to their sign."""
    for field in LINEAR:
        np.testing.assert_allclose(getattr(state, field)[row].numpy(), expected[field], atol=2e-5)
    cosine = np.abs((state.body_rot[row].numpy() * expected["body_rot"]).sum(-1))
    np.testing.assert_allclose(cosine, 1.0, atol=1e-6)


@pytest.fixture
def motions(swing: Motion) -> list[Motion]:
    """A clip of 20 frames and one of 11."""
    return [swing, replace(swing.cut(0.2, 0.7, name="part"), weight=3.0)]


def test_sizes_and_names(motions: list[Motion], tiny: Robot):
    """0.95 s and 0.5 s at 50 Hz are 48 and 26 frames: a rest shorter than a frame is dropped."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    assert library.names == ("swing", "part")
    assert library.num_motions == 2
    assert library.fps == 50.0
    assert library.num_frames.tolist() == [48, 26]
    assert library.first_frame.tolist() == [0, 48]
    assert library.durations.tolist() == pytest.approx([0.94, 0.5])
    assert library.weights.tolist() == [1.0, 3.0]


def test_its_own_rate_changes_nothing(motions: list[Motion], tiny: Robot):
    """At the clip's rate every frame is the clip's."""
    library = MotionLibrary(motions, tiny, fps=20.0)
    assert library.num_frames.tolist() == [20, 11]
    state = library.frames(torch.arange(20, 31))
    for field in (*LINEAR, "body_rot", "body_contact"):
        np.testing.assert_allclose(getattr(state, field).numpy(), getattr(motions[1], field), atol=1e-6)


def test_resampling(motions: list[Motion], tiny: Robot):
    """Each frame at 50 Hz is the interpolation of the clip at its time, computed another way."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    index = torch.tensor([0, 1, 17, 33, 47, 48, 60])
    state = library.frames(index)
    for row, (clip, frame) in enumerate([(0, 0), (0, 1), (0, 17), (0, 33), (0, 47), (1, 0), (1, 12)]):
        assert_state(state, row, expected_at(motions[clip], frame / 50.0))


def test_rotations_take_the_shorter_arc(swing: Motion, tiny: Robot):
    """Two neighbours of opposite sign are close to each other."""
    rotations = swing.body_rot.copy()
    rotations[1::2] *= -1.0
    plain = MotionLibrary([swing], tiny, fps=50.0).frames(torch.arange(48)).body_rot
    flipped = MotionLibrary([replace(swing, body_rot=rotations)], tiny, fps=50.0).frames(torch.arange(48)).body_rot
    np.testing.assert_allclose((plain * flipped).sum(-1).abs().numpy(), 1.0, atol=1e-6)
    np.testing.assert_allclose(flipped.norm(dim=-1).numpy(), 1.0, atol=1e-6)


def test_contacts_hold_where_a_neighbour_has_one(swing: Motion, tiny: Robot):
    """Frames 3 at 20 Hz are at 0.15 s: at 40 Hz the frames 5, 6 and 7 touch it, frame 4 and 8 are others."""
    contact = np.zeros_like(swing.body_contact)
    contact[3, 2] = True
    library = MotionLibrary([replace(swing, body_contact=contact)], tiny, fps=40.0)
    held = library.frames(torch.arange(12)).body_contact
    assert held.dtype == torch.float32
    assert held.unique().tolist() == [0.0, 1.0]
    assert held[:, 2].nonzero().flatten().tolist() == [5, 6, 7]
    assert not held[:, [0, 1, 3]].any()


def test_rows_are_frames_in_the_layout_of_states(motions: list[Motion], tiny: Robot):
    """A row of 3 joints and 4 bodies has 62 columns; splitting the rows gives the frames."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    index = torch.tensor([0, 9, 60, 73])
    rows = library.rows(index)
    assert rows.shape == (4, 62)
    state, expected = StateLayout(3, 4).split(rows), library.frames(index)
    for field in fields(RobotState):
        assert torch.equal(getattr(state, field.name), getattr(expected, field.name))


def test_coordinates_are_columns_of_frames(motions: list[Motion], tiny: Robot):
    """For indices of any shape."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    index = torch.tensor([[0, 5, 9], [50, 60, 73]])
    found = library.coordinates(index)
    assert (found.root_pos.shape, found.root_rot.shape, found.joint_pos.shape) == ((2, 3, 3), (2, 3, 4), (2, 3, 3))
    state = library.frames(index.flatten())
    for name in ("root_pos", "root_rot", "joint_pos", "root_lin_vel", "root_ang_vel", "joint_vel"):
        assert torch.equal(getattr(found, name).flatten(0, 1), getattr(state, name)), name


def test_what_observations_show_are_columns_of_frames(motions: list[Motion], tiny: Robot):
    """Outlooks for indices of any shape, and the positions of bodies."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    index = torch.tensor([[0, 5, 9], [50, 60, 73]])
    found = library.outlook(index)
    assert found.rows.shape == (2, 3, 9 + 2 * 3)
    torch.testing.assert_close(found.rows, Outlook.of(library.coordinates(index)).rows, atol=1e-6, rtol=0)
    assert torch.equal(library.body_positions(index[0]), library.frames(index[0]).body_pos)


def test_state_interpolates_between_frames(motions: list[Motion], tiny: Robot):
    """Times of several clips at once, on and between frames of the library."""
    library = MotionLibrary(motions, tiny, fps=20.0)
    ids, times = [0, 1, 0, 1], [0.313, 0.218, 0.5, 0.0]
    state = library.state(torch.tensor(ids), torch.tensor(times))
    for row, (clip, time) in enumerate(zip(ids, times, strict=True)):
        assert_state(state, row, expected_at(motions[clip], time))


def test_state_is_clamped_to_the_clip(motions: list[Motion], tiny: Robot):
    """Before the start and after the end, without reading the next clip's frames."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    state = library.state(torch.tensor([0, 0, 1]), torch.tensor([-1.0, 9.0, 9.0]))
    expected = library.frames(torch.tensor([0, 47, 73]))
    for field in fields(RobotState):
        assert torch.equal(getattr(state, field.name), getattr(expected, field.name))


def test_sampling_follows_the_weights(motions: list[Motion], tiny: Robot):
    """Weights 1 and 3: a quarter of 8,000 draws within four standard deviations, the same for the same seed."""
    library = MotionLibrary(motions, tiny, fps=50.0)
    ids = library.sample_motions(8000, torch.Generator().manual_seed(0))
    deviation = np.sqrt(8000 * 0.25 * 0.75)
    assert abs((ids == 0).sum().item() - 2000) < 4 * deviation
    assert torch.equal(ids, library.sample_motions(8000, torch.Generator().manual_seed(0)))


def test_a_clip_of_weight_zero_is_never_drawn(motions: list[Motion], tiny: Robot):
    """It can still be looked up."""
    library = MotionLibrary([replace(motions[0], weight=0.0), motions[1]], tiny, fps=50.0)
    assert set(library.sample_motions(1000).tolist()) == {1}


def test_lookups_use_the_robots_order(swing: Motion, tiny: Robot):
    """A clip with its joints in another order is brought into the robot's."""
    shuffled = replace(
        swing,
        joint_names=("shoulder", "hip", "ankle"),
        joint_pos=swing.joint_pos[:, [2, 0, 1]],
        joint_vel=swing.joint_vel[:, [2, 0, 1]],
    )
    state = MotionLibrary([shuffled], tiny, fps=20.0).frames(torch.arange(20))
    np.testing.assert_allclose(state.joint_pos.numpy(), swing.joint_pos, atol=1e-6)


def test_lookups_never_wait_for_a_value(motions: list[Motion], tiny: Robot):
    """Tensors on the meta device have no values: a lookup that read one, and so stalled a GPU, would fail here."""
    library = MotionLibrary(motions, tiny, fps=50.0, device="meta")
    index, times = torch.zeros(5, dtype=torch.long, device="meta"), torch.zeros(5, device="meta")
    assert library.frames(index).body_rot.shape == (5, 4, 4)
    assert library.state(index, times).body_pos.shape == (5, 4, 3)
    assert library.coordinates(index.view(5, 1)).joint_pos.shape == (5, 1, 3)
    assert library.outlook(index.view(5, 1)).root_x_axis.shape == (5, 1, 3)
    assert library.body_positions(index).shape == (5, 4, 3)
    with pytest.raises(RuntimeError):
        index[0].item()


@pytest.mark.parametrize(
    ("change", "fps", "text"),
    [
        (lambda clips: [], 50.0, "There are no clips"),
        (lambda clips: [replace(clip, weight=0.0) for clip in clips], 50.0, "All clips have the sampling weight 0"),
        (lambda clips: clips, 0.0, "The motion library has 0 frames per second"),
        (lambda clips: clips, 1.0, "swing lasts 0.95 s, less than one frame at 1 frames per second"),
        (lambda clips: [replace(clips[0], fps=float("nan"))], 50.0, "swing has nan frames per second"),
        (lambda clips: [replace(clips[0], joint_names=("a", "b", "c"))], 50.0, "missing: hip, ankle, shoulder"),
    ],
)
def test_what_can_be_no_library(motions: list[Motion], tiny: Robot, change, fps: float, text: str):
    """Each says why."""
    with pytest.raises(MotionError, match=text):
        MotionLibrary(change(motions), tiny, fps=fps)
