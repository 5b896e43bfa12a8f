# SPDX-License-Identifier: Apache-2.0
"""Robots without a reference: where they start, when they have fallen, what they are shown and who ends them."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from tests.envs.states import leaning

from protomotions_envs import MotionError, ProtoMotionsError, rotations
from protomotions_envs.state import RobotState
from protomotions_envs.tasks import SteeringConfig, StyleConfig, make_task
from protomotions_envs.tasks.free.config import Fall, FreeStart
from protomotions_envs.tasks.free.falls import FallDetector, is_down

UPRIGHT = Fall(None, None)


def test_style_needs_clips(g1):
    """Without any the message says how to give some."""
    with pytest.raises(MotionError, match="style task needs clips; give some with motion_file"):
        make_task(StyleConfig(), g1, None, 1, torch.device("cpu"))


def test_parts_with_and_without_clips(make, moving_library):
    """The part `style` is there where there are clips: 13 + 3 K + 2 J numbers for each of four moments."""
    sizes = {"max_coords": 15 * 30 - 2, "joint_state": 58, "previous_action": 29}
    assert make(task="steering").observation_sizes == {**sizes, "steering": 5}
    env = make(task="style", motion_library=moving_library)
    keys = len(env.robot.config.key_bodies)
    assert env.observation_sizes == {**sizes, "style": 4 * (13 + 3 * keys + 58)}


def test_without_a_goal_the_reward_is_zero(make, moving_library):
    """Style is judged by whoever sees it, not here."""
    env = make(task="style", motion_library=moving_library)
    env.reset(seed=0)
    _, reward, *_, info = env.step(np.zeros((3, 29)))
    assert reward.tolist() == [0.0, 0.0, 0.0]
    assert info["reward_terms"] == {}


def test_commands_reach_the_goal_or_are_refused(make, moving_library):
    """The next observation shows what was commanded; tasks without a goal say that they take none."""
    env = make(task="steering")
    env.reset(seed=0)
    env.command(speed=1.5, direction=0.3)
    observation, *_ = env.step(np.zeros((3, 29)))
    assert observation["steering"][:, 2].tolist() == [1.5] * 3
    for task in ("style", "mimic"):
        with pytest.raises(ProtoMotionsError, match="no goal that speed could set"):
            make(task=task, motion_library=moving_library).command(speed=1.0)


def test_actions_of_one_reach_as_far_as_the_robot_says(make):
    """Times the scale."""
    env = make(task=SteeringConfig(action_scale=0.3))
    np.testing.assert_allclose(env.task.action_scale, 0.3 * env.robot.action_reach, rtol=1e-6)


def test_the_default_pose_is_the_start_without_clips(make):
    """And the noise of joints and velocities has the standard deviations of the settings."""
    env = make(500, task="steering")
    env.reset(seed=0, options={"noise": False})
    state, pose = env.simulator.state, torch.as_tensor(env.robot.default_joint_pos).float()
    torch.testing.assert_close(state.joint_pos, pose.expand(500, -1))
    assert state.joint_vel.abs().max() == 0.0
    height = env.robot.config.default_root_height
    torch.testing.assert_close(state.root_pos, torch.tensor([0.0, 0.0, height]).expand(500, -1))
    env.reset()
    state = env.simulator.state
    assert float((state.joint_pos - pose).std()) == pytest.approx(0.05, rel=0.03)
    assert float(state.joint_vel.std()) == pytest.approx(0.1, rel=0.03)
    assert float(state.root_lin_vel.std()) == pytest.approx(0.1, rel=0.1)
    torch.testing.assert_close(state.root_pos, torch.tensor([0.0, 0.0, height]).expand(500, -1))


def test_clips_are_the_start_where_there_are_some(make, moving_library):
    """At the asked frame; frames past a clip's end are its last; some episodes start in the default pose on request."""
    env = make(2, task="style", motion_library=moving_library)
    env.reset(options={"motion": [1, 0], "frame": [7, int(moving_library.num_frames.max()) - 1], "noise": False})
    last = moving_library.num_frames[0] - 1
    wanted = moving_library.frames(torch.stack((moving_library.first_frame[1] + 7, last)))
    torch.testing.assert_close(env.simulator.state.body_pos, wanted.body_pos, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(env.simulator.state.joint_vel, wanted.joint_vel)
    start = FreeStart(0.0, 0.0, default_pose_fraction=0.3)
    mixed = make(400, task=StyleConfig(start=start), motion_library=moving_library)
    mixed.reset(seed=0)
    pose = torch.as_tensor(mixed.robot.default_joint_pos).float()
    standing = (mixed.simulator.state.joint_pos - pose).abs().amax(1) < 1e-6
    assert float(standing.float().mean()) == pytest.approx(0.3, abs=0.07)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"motion": 2}, r"'motion' must lie in 0\.\.1"), ({"frame": 10**6}, r"'frame' must lie in 0\.\.")],
)
def test_reset_options_are_checked(make, moving_library, options, message):
    """Clips and frames that aren't there are refused."""
    env = make(task="style", motion_library=moving_library)
    with pytest.raises(ProtoMotionsError, match=message):
        env.reset(options=options)


def test_reset_options_that_need_clips_say_so(make):
    """Asking for a clip is no use without any."""
    with pytest.raises(ProtoMotionsError, match="'motion' and 'frame' need clips"):
        make(task="steering").reset(options={"motion": 0})


def test_demonstrations_need_clips(make, moving_library):
    """With clips there are as many as asked for, without the message says what to do."""
    generator = torch.Generator().manual_seed(0)
    found = make(task="steering", motion_library=moving_library).sample_demonstrations(7, generator)
    assert set(found) == {"style"}
    assert found["style"].shape[0] == 7
    with pytest.raises(ProtoMotionsError, match="no demonstrations; give it clips"):
        make(task="steering").sample_demonstrations(7, generator)


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_a_robot_whose_root_is_low_is_down(g1, share):
    """The height is a share of that in the default pose."""
    limit = share * g1.config.default_root_height
    for height, fell in ((0.99 * limit, True), (1.01 * limit, False)):
        assert is_down(Fall(share, None), g1, leaning([1.0, height], [0.0, 0.0])).tolist() == [False, fell]
    assert not is_down(UPRIGHT, g1, leaning([1.0, 0.0], [0.0, 3.0])).any()


@pytest.mark.parametrize("limit", [0.5, 1.2, 2.0])
def test_a_robot_that_leans_is_down(g1, limit):
    """Whichever way it leans."""
    for tilt, fell in ((1.02 * limit, True), (0.98 * limit, False)):
        assert is_down(Fall(None, limit), g1, leaning([1.0, 1.0], [0.0, tilt])).tolist() == [False, fell]


def test_a_robot_has_fallen_once_it_is_down_for_too_long(g1):
    """0.06 s are three control steps; one that gets up in time may go down again."""
    falls = FallDetector(Fall(seconds=0.06), g1, 2, torch.device("cpu"))
    low, high = 0.5 * g1.config.default_root_height, g1.config.default_root_height
    seen = []
    for heights in ((low, low), (low, low), (low, low), (high, low), (low, high), (low, low)):
        falls.count(leaning(heights, (0.0, 0.0)))
        seen.append(falls.fallen.tolist())
    never, late = [False, False], [False, True]
    assert seen == [never, never, never, late, never, never]
    for _ in range(2):
        falls.count(leaning((low, low), (0.0, 0.0)))
    assert falls.fallen.tolist() == [True, False]
    falls.begin(torch.tensor([True, False]))
    assert falls.fallen.tolist() == [False, False]


def test_a_fall_costs_what_it_is_told_to(make):
    """In the step in which it happens, and only there and on request."""
    for cost in (0.0, 30.0):
        env = make(2, task=SteeringConfig(fall=Fall(root_height=0.99), fall_cost=cost), autoreset_mode="disabled")
        env.reset(seed=0, options={"noise": False})
        earned = []
        for _ in range(30):
            _, reward, terminated, _, info = env.step(np.zeros((2, 29)))
            terms = info["reward_terms"]
            assert terms.keys() == ({"velocity", "facing", "fall"} if cost else {"velocity", "facing"})
            if cost:
                assert terms["fall"].tolist() == (-cost * terminated).tolist()
                torch.testing.assert_close(reward, terms["velocity"] + terms["facing"] + terms["fall"])
            earned.append(reward)
            if terminated.any():
                break
        assert terminated.all()
        assert (min(earned[-1]) < -20.0) == bool(cost)


def test_a_fall_terminates(make):
    """A robot that lies down at once has failed, and nothing is truncated."""
    env = make(2, task="steering", autoreset_mode="disabled")
    env.reset(seed=0)
    start = env.simulator.state
    env.simulator.write_state(torch.tensor([False, True]), lying(env, start))
    _, _, terminated, truncated, _ = env.step(np.zeros((2, 29)))
    assert terminated.tolist() == [False, True]
    assert not truncated.any()


def lying(env, state: RobotState):
    """The robots on their backs."""
    start = env.task.reset(torch.ones(2, dtype=torch.bool), torch.Generator(), {"noise": False})
    rows = start.rows.clone()
    rows[:, 2] = 0.2
    rows[:, 3:7] = rotations.axis_angle(torch.tensor([0.0, -0.5 * math.pi, 0.0]))
    return dataclasses.replace(start, rows=rows)


@pytest.mark.parametrize("mode", ["next_step", "same_step", "disabled"])
def test_episodes_are_ended_from_outside(make, mode):
    """The worlds of the mask terminate in the next step, once."""
    env = make(3, task="steering", autoreset_mode=mode)
    env.reset(seed=0)
    zeros = np.zeros((3, 29))
    env.step(zeros)
    mask = torch.tensor([False, True, False])
    env.end_episodes(mask)
    _, _, terminated, truncated, info = env.step(zeros)
    assert torch.equal(terminated, mask)
    assert not truncated.any()
    assert not info["broken"].any()
    assert not env.step(zeros)[2].any()


def test_an_end_that_was_asked_for_is_forgotten_by_a_reset(make):
    """The new episode isn't the one that was meant."""
    env = make(2, task="steering", autoreset_mode="disabled")
    env.reset(seed=0)
    env.end_episodes(torch.ones(2, dtype=torch.bool))
    env.reset(options={"reset_mask": np.array([True, False])})
    assert env.step(np.zeros((2, 29)))[2].tolist() == [False, True]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Fall(root_height=0.0), "Fall root_height must be positive or null"),
        (lambda: Fall(tilt=-1.0), "Fall tilt must be positive or null"),
        (lambda: Fall(seconds=-1.0), "Fall seconds must be 0 or more"),
        (lambda: FreeStart(joint_pos_noise=-0.1), "joint_pos_noise must be 0 or more"),
        (lambda: FreeStart(default_pose_fraction=1.1), r"default_pose_fraction must lie in 0\.\.1"),
        (lambda: StyleConfig(observations=()), "observations must name at least one term"),
        (lambda: StyleConfig(fall_cost=-1.0), "fall_cost must be 0 or more"),
        (lambda: StyleConfig(action_scale=0.0), "action_scale must be positive"),
    ],
)
def test_values_out_of_range_are_refused(build, message):
    """Settings check themselves."""
    with pytest.raises(ProtoMotionsError, match=message):
        build()


def test_an_unknown_observation_is_named(make, moving_library):
    """With the nearest known one."""
    with pytest.raises(ProtoMotionsError, match="Did you mean 'max_coords'"):
        make(task=StyleConfig(observations=("max_cords",)), motion_library=moving_library)
