# SPDX-License-Identifier: Apache-2.0
"""Histories of moments: how they begin, go on, and that demonstrations are what a robot on the clip would show."""

import pytest
import torch

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots import Robot
from protomotions_envs.state import ResetState, RobotState
from protomotions_envs.tasks.free.style_history import StyleHistory
from protomotions_envs.tasks.steering.config import SteeringConfig
from protomotions_envs.terms.style_features import style_features

STEPS = (0, 1, 3)
CPU = torch.device("cpu")
ALL = torch.ones(2, dtype=torch.bool)


def history(g1: Robot, library: MotionLibrary, steps: tuple[int, ...] = STEPS, worlds: int = 2) -> StyleHistory:
    """The history of some worlds."""
    return StyleHistory(g1, library, steps, worlds, CPU)


def clip_features(g1: Robot, library: MotionLibrary, motion: int, frames: list[int]) -> torch.Tensor:
    """Features of a clip's frames, [n, F]."""
    keys = torch.tensor(g1.body_indices(g1.config.key_bodies))
    index = library.first_frame[motion] + torch.tensor(frames)
    return style_features(library.frames(index), g1.anchor_index, keys)


def frames_of(library: MotionLibrary, motion: list[int], frame: list[int]) -> RobotState:
    """The states of two worlds on clips."""
    return library.frames(library.first_frame[torch.tensor(motion)] + torch.tensor(frame))


def test_an_episode_begins_as_if_it_had_come_along_the_clip(g1, moving_library):
    """World 0 stands on frame 20 of the walk, world 1 on frame 2 of the wave, before which there are only two."""
    style = history(g1, moving_library)
    style.begin(ALL, frames_of(moving_library, [0, 1], [20, 2]), torch.tensor([0, 1]), torch.tensor([20, 2]))
    shown = style.shown()
    torch.testing.assert_close(shown[0], clip_features(g1, moving_library, 0, [20, 19, 17]))
    torch.testing.assert_close(shown[1], clip_features(g1, moving_library, 1, [2, 1, 0]))


def test_now_is_where_the_robot_is_and_not_where_the_clip_is(g1, moving_library):
    """Noise of the start shows in the newest moment only."""
    style = history(g1, moving_library)
    state = frames_of(moving_library, [0, 1], [30, 30])
    style.begin(ALL, state, torch.tensor([0, 1]), torch.tensor([10, 10]))
    torch.testing.assert_close(style.shown()[0], clip_features(g1, moving_library, 0, [30, 9, 7]))


def test_without_a_clip_it_had_been_standing_there(g1, moving_library):
    """Clip -1 stands for the default pose: all moments are as now."""
    style = history(g1, moving_library)
    style.begin(ALL, frames_of(moving_library, [0, 1], [30, 30]), torch.tensor([-1, 1]), torch.tensor([10, 10]))
    shown = style.shown()
    torch.testing.assert_close(shown[0], clip_features(g1, moving_library, 0, [30, 30, 30]))
    torch.testing.assert_close(shown[1], clip_features(g1, moving_library, 1, [30, 9, 7]))


def test_moments_grow_older_and_others_begin_anew(g1, moving_library):
    """The newest comes first; beginning an episode in one world leaves the other's moments alone."""
    style = history(g1, moving_library)
    for frame in range(10, 16):
        style.push(frames_of(moving_library, [0, 1], [frame, 2 * frame]))
    torch.testing.assert_close(style.shown()[0], clip_features(g1, moving_library, 0, [15, 14, 12]))
    torch.testing.assert_close(style.shown()[1], clip_features(g1, moving_library, 1, [30, 28, 24]))
    second = torch.tensor([False, True])
    style.begin(second, frames_of(moving_library, [1, 0], [5, 5]), torch.tensor([1, 0]), torch.tensor([5, 5]))
    torch.testing.assert_close(style.shown()[0], clip_features(g1, moving_library, 0, [15, 14, 12]))
    torch.testing.assert_close(style.shown()[1], clip_features(g1, moving_library, 0, [5, 4, 2]))


def test_demonstrations_are_moments_of_clips_with_their_past(g1, moving_library):
    """Each is found among the clips, with frames as far back as asked; clips come by weight, every moment of them."""
    count = 600
    shown = history(g1, moving_library).demonstrations(count, torch.Generator().manual_seed(0)).view(count, 3, -1)
    whole = [
        clip_features(g1, moving_library, clip, list(range(int(frames))))
        for clip, frames in enumerate(moving_library.num_frames)
    ]
    found = []
    for moments in shown:
        distances = [(features[3:] - moments[0]).abs().amax(1) for features in whole]
        clip = min((0, 1), key=lambda one: float(distances[one].min()))
        frame = 3 + int(distances[clip].argmin())
        torch.testing.assert_close(moments, whole[clip][[frame, frame - 1, frame - 3]])
        found.append((clip, frame))
    clips, frames = torch.tensor(found).T
    assert abs(float((clips == 0).float().mean()) - 0.5) < 0.06
    for clip in (0, 1):
        seen, last = frames[clips == clip], int(moving_library.num_frames[clip]) - 1
        assert seen.min() < 0.1 * last
        assert seen.max() > 0.9 * last


def test_clips_shorter_than_the_history_are_shown_from_their_first_frame(g1, moving_library):
    """Moments before a clip's start are its start, as in an episode that begins there."""
    far = int(moving_library.num_frames.max()) + 5
    shown = history(g1, moving_library, (0, far)).demonstrations(20, torch.Generator().manual_seed(0)).view(20, 2, -1)
    for moments in shown:
        starts = torch.cat([clip_features(g1, moving_library, clip, [0]) for clip in (0, 1)])
        assert (starts - moments[1]).abs().amax(1).min() < 1e-5


def test_a_robot_on_the_clip_shows_what_demonstrations_show(make, moving_library):
    """Frames of the walk, written into the simulator one after another, give the same features as the library's."""
    env = make(1, task=SteeringConfig(style_steps=STEPS), motion_library=moving_library)
    env.reset(seed=0, options={"motion": 0, "frame": 40, "noise": False})
    task, every = env.task, torch.ones(1, dtype=torch.bool)
    torch.testing.assert_close(shown(env), expected(env, 40), atol=1e-4, rtol=1e-4)
    for frame in range(41, 46):
        state = moving_library.frames(moving_library.first_frame[:1] + frame)
        env.simulator.write_state(every, ResetState.from_state(state))
        task.advance(env.simulator.state)
        torch.testing.assert_close(shown(env), expected(env, frame), atol=1e-4, rtol=1e-4)


def shown(env) -> torch.Tensor:
    """What the discriminator sees of the world."""
    return env.worlds.terms()["style"].view(3, -1)


def expected(env, frame: int) -> torch.Tensor:
    """What a demonstration at a frame of the walk shows."""
    return clip_features(env.robot, env.motion_library, 0, [frame, frame - 1, frame - 3])


@pytest.mark.parametrize("steps", [(), (0, 0), (-1, 0)])
def test_wrong_steps_are_refused(steps):
    """Moments are different and not in the future."""
    with pytest.raises(ValueError, match="style_steps must be different control steps from 0 up"):
        SteeringConfig(style_steps=steps)
