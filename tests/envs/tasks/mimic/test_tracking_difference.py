# SPDX-License-Identifier: Apache-2.0
"""The observation `tracking_difference`: against the frame of now, also at the end of an episode."""

import dataclasses

import pytest
import torch

from protomotions_envs.randomization import ObservationNoise, RandomizationConfig
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicTerminations
from protomotions_envs.terms.tracking_difference import tracking_difference

NAME = "tracking_difference"
TASK = MimicConfig(observations=("joint_state", NAME))


def shown(env) -> torch.Tensor:
    """The difference to the frame that the task's clock is at, looked up anew."""
    reference = env.motion_library.frames(env.motion_library.first_frame[env.task.motion] + env.task.frame)
    return torch.cat(tracking_difference(env.simulator.state, reference, env.robot.anchor_index), dim=1)


def test_start_on_the_clip_shows_no_difference(make, standing_library):
    """Exactly on the clip it is zero up to rounding; with noise it isn't."""
    env = make(3, task=TASK, motion_library=standing_library)
    assert env.observation_sizes[NAME] == 9 * env.robot.num_bodies - 3 + env.robot.num_joints
    exact, _ = env.reset(seed=0, options={"noise": False})
    assert exact[NAME].abs().max() < 1e-5
    noisy, _ = env.reset(seed=0)
    assert noisy[NAME].abs().amax(dim=1).min() > 0.05


def test_steps_show_the_difference_to_the_frame_of_now(make, moving_library):
    """After steps it is the difference to the frame whose time has come, not to the next one."""
    env = make(3, task=TASK, motion_library=moving_library)
    env.reset(seed=0, options={"motion": 0, "frame": torch.tensor([0, 30, 60])})
    for _ in range(3):
        observation, *_ = env.step(torch.zeros(3, env.robot.num_joints))
        torch.testing.assert_close(observation[NAME], shown(env))
    assert env.task.frame.tolist() == [3, 33, 63]


def test_last_observation_of_an_episode_is_of_the_reference_it_was_judged_by(make, moving_library):
    """In SAME_STEP mode the part in `final_obs` is that before the reset, the other that after it."""
    always = dataclasses.replace(TASK, terminations=MimicTerminations(mean_body_error=1e-6))
    env = make(3, task=always, motion_library=moving_library, autoreset_mode="same_step")
    plain = make(3, task=always, motion_library=moving_library, autoreset_mode="disabled")
    start = {"motion": 0, "frame": torch.tensor([0, 30, 60]), "noise": False}
    action = 0.1 * torch.ones(3, env.robot.num_joints)
    for made in (env, plain):
        made.reset(seed=0, options=start)
    observation, _, terminated, _, info = env.step(action)
    expected, *_ = plain.step(action)
    assert terminated.all()
    torch.testing.assert_close(info["final_obs"][NAME], expected[NAME])
    torch.testing.assert_close(observation[NAME], shown(env))
    assert not torch.allclose(observation[NAME], expected[NAME])


def test_difference_is_free_of_the_noise_of_sensors(make, moving_library):
    """A discriminator would tell noise from the reference: only what the policy sees is noisy."""
    noise = RandomizationConfig(observation_noise=ObservationNoise(joint_pos=0.1, body_pos=0.1))
    task = dataclasses.replace(TASK, observations=("joint_state", NAME))
    env = make(2, task=task, motion_library=moving_library, randomization=noise)
    observation, _ = env.reset(seed=0, options={"motion": 0, "frame": 10, "noise": False})
    torch.testing.assert_close(observation[NAME], shown(env))
    assert not torch.allclose(observation["joint_state"][:, : env.robot.num_joints], env.simulator.state.joint_pos)


@pytest.mark.parametrize(("observations", "keys"), [(("joint_state",), 3), (TASK.observations, 5)])
def test_views_hold_the_reference_only_if_it_is_shown(make, moving_library, observations, keys):
    """Who doesn't ask for the term pays nothing for it."""
    env = make(2, task=MimicConfig(observations=observations), motion_library=moving_library)
    env.reset(seed=0)
    view = env.task.view(env.simulator.state_rows, torch.zeros(2, env.robot.num_joints), env.simulator.state_rows)
    assert len(view) == keys
