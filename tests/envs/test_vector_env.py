# SPDX-License-Identifier: Apache-2.0
"""The vector environment's contract: spaces, seeds, ends of episodes in all autoreset modes, broken worlds."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from protomotions_envs import EnvConfig, HumanoidVectorEnv, ProtoMotionsError
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicStart, MimicTerminations

EASY = MimicTerminations(None, None, None, None)
FROM_START = MimicStart(start_fraction=1.0, joint_pos_noise=0.0, joint_vel_noise=0.0)


@pytest.fixture
def make(standing_library):
    """Make environments over the standing clips, and close them."""
    made = []

    def factory(num_envs: int = 3, **settings) -> HumanoidVectorEnv:
        made.append(HumanoidVectorEnv(num_envs, motion_library=standing_library, **settings))
        return made[-1]

    yield factory
    for env in made:
        env.close()


def rollout(env: HumanoidVectorEnv, steps: int, seed: int = 0) -> list[torch.Tensor]:
    """Everything a seeded rollout with seeded random actions gives."""
    observation, _ = env.reset(seed=seed)
    env.action_space.seed(seed)
    seen = [observation]
    for _ in range(steps):
        observation, reward, terminated, truncated, _ = env.step(0.3 * env.action_space.sample())
        seen += [observation, reward, terminated, truncated]
    return seen


def test_observations_fit_the_space(make):
    """A dictionary of parts, or one vector of their sizes' sum; float32 on the environment's device."""
    env, flat = make(), make(flatten=True)
    parts, _ = env.reset(seed=0)
    vector, _ = flat.reset(seed=0)
    assert set(parts) == set(env.single_observation_space.spaces)
    for name, part in parts.items():
        assert part.dtype == torch.float32
        assert part.shape == env.observation_space[name].shape
    assert vector.shape == flat.observation_space.shape
    torch.testing.assert_close(torch.cat(list(parts.values()), 1), vector)


def test_g1_observation_sizes(make):
    """With 30 bodies, 29 joints and 4 future steps."""
    sizes = {
        "max_coords": 15 * 30 - 2,
        "joint_state": 58,
        "future_poses": 4 * 38,
        "reference_joint_vel": 29,
        "body_difference": 90,
        "previous_action": 29,
    }
    assert make().observation_sizes == sizes


def test_same_seed_same_trajectory_whatever_the_threads(make):
    """Bit for bit, with one physics thread or two."""
    one = rollout(make(flatten=True, num_threads=1), 30)
    two = rollout(make(flatten=True, num_threads=2), 30)
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    other = rollout(make(flatten=True), 30, seed=1)
    assert not torch.equal(one[-4], other[-4])


def test_actions_may_be_numpy_or_torch(make):
    """Both give the same step."""
    results = []
    for convert in (np.asarray, torch.from_numpy):
        env = make(flatten=True)
        env.reset(seed=0)
        actions = np.full((3, 29), 0.1, np.float32)
        results.append(env.step(convert(actions))[0])
    assert torch.equal(*results)


def test_wrong_action_shape_is_named(make):
    """The message holds both shapes."""
    env = make()
    env.reset(seed=0)
    with pytest.raises(ProtoMotionsError, match=r"\(2, 29\), expected \(3, 29\)"):
        env.step(np.zeros((2, 29)))


def test_zero_action_holds_the_reference_pose(make):
    """The residual's baseline is the next frame; the other mapping's is the default pose."""
    for action in ("reference_residual", "default_offset"):
        env = make(task=MimicConfig(action=action))
        env.reset(seed=0)
        expected = torch.as_tensor(env.robot.default_joint_pos).float().expand(3, -1)
        torch.testing.assert_close(env.task.baseline(), expected, atol=1e-6, rtol=0)


def test_action_scale_is_the_share_of_effort(make):
    """An action of 1 at rest asks for the whole effort: stiffness times the offset is the effort limit."""
    env = make(task=MimicConfig(action_scale=0.5))
    torch.testing.assert_close(
        env.task.action_scale * torch.as_tensor(env.robot.stiffness).float(),
        0.5 * torch.as_tensor(env.robot.effort_limit).float(),
    )


def test_reward_is_the_sum_of_its_terms(make):
    """And on the reference it is nearly one."""
    env = make(task=MimicConfig(start=FROM_START))
    env.reset(seed=0)
    _, reward, *_, info = env.step(np.zeros((3, 29)))
    torch.testing.assert_close(reward, sum(info["reward_terms"].values()))
    assert bool((reward > 0.9).all())


def test_clip_end_truncates_and_does_not_terminate(make):
    """The one-second clip ends after 50 steps, the two-second one after 100."""
    env = make(2, autoreset_mode="disabled", task=MimicConfig(terminations=EASY))
    env.reset(seed=0, options={"motion": [0, 1]})
    ends = []
    for _ in range(100):
        *_, terminated, truncated, _ = env.step(np.zeros((2, 29)))
        assert not terminated.any()
        ends.append(truncated.tolist())
    assert ends.index([True, False]) == 49
    assert ends.index([True, True]) == 99


def test_time_limit_truncates(make):
    """Ten steps at 50 Hz."""
    env = make(2, autoreset_mode="disabled", max_episode_seconds=0.2, task=MimicConfig(terminations=EASY))
    env.reset(seed=0, options={"motion": 1})
    truncations = [env.step(np.zeros((2, 29)))[3].tolist() for _ in range(10)]
    assert truncations == [[False, False]] * 9 + [[True, True]]


def test_losing_the_reference_terminates_and_does_not_truncate(make):
    """A tiny threshold ends episodes at once, from the middle of a clip."""
    strict = MimicTerminations(mean_body_error=1e-6)
    env = make(2, autoreset_mode="disabled", task=MimicConfig(terminations=strict))
    env.reset(seed=0, options={"motion": 1, "frame": 20})
    *_, terminated, truncated, _ = env.step(np.zeros((2, 29)))
    assert terminated.tolist() == [True, True]
    assert truncated.tolist() == [False, False]


def test_next_step_resets_after_the_end(make):
    """The step after an end ignores the action, earns nothing, and returns a first observation."""
    env = make(2, flatten=True, max_episode_seconds=0.04, task=MimicConfig(terminations=EASY))
    assert env.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    env.reset(seed=0)
    zeros = np.zeros((2, 29), np.float32)
    assert not env.step(zeros)[3].any()
    assert env.step(zeros)[3].all()
    _, reward, terminated, truncated, _ = env.step(np.ones((2, 29), np.float32))
    assert reward.tolist() == [0.0, 0.0]
    assert not terminated.any()
    assert not truncated.any()
    reference = env.task.library.frames(env.task.library.first_frame[env.task.motion] + env.task.frame)
    assert (env.simulator.state.root_pos - reference.root_pos).abs().max() < 1e-5
    assert env.step(zeros)[3].tolist() == [False, False]
    assert env.step(zeros)[3].tolist() == [True, True]


@pytest.mark.parametrize("flatten", [True, False])
def test_same_step_gives_final_and_first_observation(make, flatten):
    """The final observation is what DISABLED would show; the returned one is of the new episode."""
    settings = {"flatten": flatten, "max_episode_seconds": 0.04, "task": MimicConfig(terminations=EASY)}
    same = make(2, autoreset_mode="same_step", **settings)
    plain = make(2, autoreset_mode="disabled", **settings)
    start = {"motion": [0, 1], "frame": [3, 4]}
    same.reset(seed=0, options=start)
    plain.reset(seed=0, options=start)
    zeros = np.zeros((2, 29), np.float32)
    for _ in range(2):
        observation, reward, _, truncated, info = same.step(zeros)
        expected, expected_reward, *_ = plain.step(zeros)
    assert truncated.all()
    assert torch.equal(info["_final_obs"], truncated)
    assert torch.equal(info["_final_info"], truncated)
    assert torch.equal(reward, expected_reward)
    names = [None] if flatten else list(expected)
    for name in names:
        final = info["final_obs"] if name is None else info["final_obs"][name]
        torch.testing.assert_close(final, expected if name is None else expected[name])
    # The observation returned is that of the state after the reset, in full.
    again = same.worlds.observe()
    for name in names:
        now, then = (observation, again) if name is None else (observation[name], again[name])
        torch.testing.assert_close(now, then)
    assert set(info["final_info"]) == {"broken", "overflowed", "reward_terms"}


@pytest.mark.parametrize("flatten", [True, False])
def test_same_step_resets_the_ended_world_only(make, flatten):
    """The clip of world 1 ends after two steps; the others go on as in DISABLED, and their final rows are zeros."""
    settings = {"flatten": flatten, "task": MimicConfig(terminations=EASY)}
    same, plain = (make(3, autoreset_mode=mode, **settings) for mode in ("same_step", "disabled"))
    zeros = np.zeros((3, 29), np.float32)
    for made in (same, plain):
        made.reset(seed=0, options={"motion": [1, 0, 1], "frame": [7, 48, 30]})
        made.step(zeros)
    observation, reward, terminated, truncated, info = same.step(zeros)
    expected, expected_reward, *_ = plain.step(zeros)
    assert not terminated.any()
    assert truncated.tolist() == info["_final_obs"].tolist() == [False, True, False]
    assert torch.equal(reward, expected_reward)
    first = same.worlds.observe()
    final = info["final_obs"]
    if flatten:
        observation, expected, first, final = ({"all": part} for part in (observation, expected, first, final))
    for name, part in observation.items():
        torch.testing.assert_close(part, first[name])
        torch.testing.assert_close(part[[0, 2]], expected[name][[0, 2]])
        torch.testing.assert_close(final[name][1], expected[name][1])
        assert not final[name][[0, 2]].any()


def test_disabled_resets_the_mask_only(make):
    """Worlds outside the mask go on as if nothing had happened."""
    env, twin = (make(3, flatten=True, autoreset_mode="disabled") for _ in range(2))
    zeros = np.zeros((3, 29), np.float32)
    for made in (env, twin):
        made.reset(seed=0)
        made.step(zeros)
    mask = np.array([True, False, False])
    observation, _ = env.reset(options={"reset_mask": mask})
    assert torch.equal(observation[1:], twin.worlds.observe()[1:])
    assert not torch.equal(observation[0], twin.worlds.observe()[0])
    assert torch.equal(env.step(zeros)[0][1:], twin.step(zeros)[0][1:])


@pytest.mark.parametrize("mask", [np.array([1, 0, 0]), np.array([True, False])])
def test_wrong_reset_mask_is_refused(make, mask):
    """Masks are bool, one per world."""
    with pytest.raises(ProtoMotionsError, match="reset_mask"):
        make().reset(options={"reset_mask": mask})


def test_observation_after_reset_equals_state(make):
    """No step of delay: the height in `max_coords` is that of the simulated root."""
    env = make()
    parts, _ = env.reset(seed=3)
    assert torch.equal(parts["max_coords"][:, 0], env.simulator.state.root_pos[:, 2])
    parts, *_ = env.step(np.zeros((3, 29)))
    assert torch.equal(parts["max_coords"][:, 0], env.simulator.state.root_pos[:, 2])


@pytest.mark.parametrize("mode", ["next_step", "same_step"])
def test_a_broken_world_is_reported_and_reset_and_the_others_go_on(make, mode):
    """One world is thrown at an absurd speed: it terminates with reward 0, everything stays finite."""
    env, twin = (make(3, flatten=True, autoreset_mode=mode) for _ in range(2))
    zeros = np.zeros((3, 29), np.float32)
    for made in (env, twin):
        made.reset(seed=0)
    env.simulator._qvel[1] = 1e9
    observation, reward, terminated, _, info = env.step(zeros)
    expected, *_ = twin.step(zeros)
    assert info["broken"].tolist() == [False, True, False]
    assert terminated.tolist() == [False, True, False]
    assert reward[1] == 0
    assert torch.equal(observation[[0, 2]], expected[[0, 2]])
    for _ in range(3):
        observation, reward, *_, info = env.step(zeros)
        assert torch.isfinite(observation).all()
        assert torch.isfinite(reward).all()
        assert not info["broken"].any()


def test_make_vec_gives_a_torch_env_without_warnings():
    """The registered id builds with the built-in clip and declares its autoreset mode."""
    env = gymnasium.make_vec("ProtoMotions/Mimic-v0", num_envs=2)
    assert isinstance(env.unwrapped, HumanoidVectorEnv)
    observation, _ = env.reset(seed=0)
    assert isinstance(observation["max_coords"], torch.Tensor)
    assert env.spec.id == "ProtoMotions/Mimic-v0"
    env.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"simulater": "mujoco"}, "Did you mean 'simulator'"),
        ({"task": "mimick"}, "Did you mean 'mimic'"),
        ({"robot": "g2"}, "g2"),
        ({"autoreset_mode": "sometimes"}, "autoreset_mode"),
        ({"render_mode": "human"}, "render_mode"),
        ({"max_episode_seconds": 0.0}, "max_episode_seconds"),
        ({"num_threads": -1}, "num_threads"),
        ({"task": MimicConfig(observations=("max_cords",))}, "Did you mean 'max_coords'"),
        ({"robot": "smpl"}, "no built-in clip"),
    ],
)
def test_wrong_settings_say_what_to_do(settings, message):
    """Each message names the mistake."""
    with pytest.raises(ProtoMotionsError, match=message):
        HumanoidVectorEnv(1, **settings)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MimicConfig(observations=()), "observations"),
        (lambda: MimicConfig(future_steps=(0,)), "future_steps"),
        (lambda: MimicConfig(action_scale=0.0), "action_scale"),
        (lambda: MimicStart(start_fraction=1.5), "start_fraction"),
        (lambda: MimicStart(bin_seconds=0.0), "bin_seconds"),
        (lambda: HumanoidVectorEnv(0, config=EnvConfig()), "num_envs"),
    ],
)
def test_values_out_of_range_are_refused(build, message):
    """Settings check themselves."""
    with pytest.raises(ProtoMotionsError, match=message):
        build()


def test_reset_options_are_checked(make):
    """A clip that isn't there is refused."""
    with pytest.raises(ProtoMotionsError, match=r"'motion' must lie in 0\.\.1"):
        make().reset(options={"motion": 2})


def test_render_needs_a_render_mode(make):
    """Rendering must be asked for when the environment is made."""
    with pytest.raises(ProtoMotionsError, match="render_mode"):
        make().render()
