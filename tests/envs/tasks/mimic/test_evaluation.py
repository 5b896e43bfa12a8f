# SPDX-License-Identifier: Apache-2.0
"""Evaluation against a rollout that is judged by hand here."""

import pytest
import torch

from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicTerminations
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluation, MimicEvaluator, _jerk

CONFIG = EnvConfig(flatten=True)


def still(observation: torch.Tensor) -> torch.Tensor:
    """Hold the reference pose; the robot tips over after a little more than a second."""
    return torch.zeros(len(observation), 29)


def evaluate(library, **settings) -> MimicEvaluation:
    """Judge `still`."""
    evaluator = MimicEvaluator(settings.pop("config", CONFIG), library, **settings)
    result = evaluator(still)
    evaluator.close()
    return result


def test_success_and_errors_are_those_of_a_plain_rollout(standing_library):
    """The first clip is short enough to stand through; its errors are those measured step by step."""
    clip = evaluate(standing_library).clips[0]
    assert clip.clip == "short"
    assert clip.seconds == pytest.approx(1.0)
    assert clip.success == {"mean_body": 1.0, "max_body": 1.0, "root": 1.0, "training": 1.0}
    assert clip.followed == 1.0
    env = HumanoidVectorEnv(1, config=CONFIG, motion_library=standing_library, autoreset_mode="disabled")
    observation, _ = env.reset(seed=0, options={"motion": 0, "noise": False})
    distances, aligned, velocities = [], [], []
    for _ in range(50):
        observation, *_ = env.step(still(observation))
        difference = env.simulator.state.body_pos - env.task.reference.body_pos
        distances.append(difference.norm(dim=-1).mean())
        aligned.append((difference - difference[:, :1]).norm(dim=-1).mean())
        velocities.append((env.simulator.state.joint_vel - env.task.reference.joint_vel).abs().mean())
    assert clip.errors["global_error_mm"] == pytest.approx(1000 * float(sum(distances)) / 50, rel=1e-4)
    assert clip.errors["root_relative_error_mm"] == pytest.approx(1000 * float(sum(aligned)) / 50, rel=1e-4)
    assert clip.errors["joint_vel_error"] == pytest.approx(float(sum(velocities)) / 50, rel=1e-4)
    assert clip.errors["reference_jerk"] < 1e-2
    assert clip.errors["jerk"] > 0
    env.close()


def test_a_fall_fails_every_definition_and_ends_the_count(standing_library):
    """Standing still for two seconds fails; the errors are of the time before."""
    clip = evaluate(standing_library).clips[1]
    assert set(clip.success.values()) == {0.0}
    assert 0.5 < clip.followed < 1.0
    assert clip.errors["global_error_mm"] < 500


def test_only_so_many_steps_are_tried(standing_library):
    """Within its first half second even the long clip succeeds."""
    result = evaluate(standing_library, max_steps=25)
    assert [clip.success["mean_body"] for clip in result.clips] == [1.0, 1.0]


def test_training_terminations_are_a_definition_of_their_own(standing_library):
    """With a threshold that nobody can keep, only `training` fails."""
    strict = EnvConfig(flatten=True, task=MimicConfig(terminations=MimicTerminations(mean_body_error=1e-6)))
    success = evaluate(standing_library, config=strict).clips[0].success
    assert success == {"mean_body": 1.0, "max_body": 1.0, "root": 1.0, "training": 0.0}


def test_batches_give_what_one_batch_gives(standing_library):
    """Clips are tried one by one or together with the same result, in the library's order."""
    together, one_by_one = evaluate(standing_library), evaluate(standing_library, max_envs=1)
    assert together == one_by_one


def test_noise_makes_worlds_of_a_clip_differ(standing_library):
    """Several perturbed worlds are averaged; without a library the built-in clip is taken."""
    exact = evaluate(standing_library).metrics
    noisy = evaluate(standing_library, worlds_per_clip=3, noise=True, max_envs=4).metrics
    assert noisy["root_relative_error_mm"] > 1.2 * exact["root_relative_error_mm"]
    evaluator = MimicEvaluator(CONFIG, max_steps=2)
    assert [clip.clip for clip in evaluator(still).clips] == ["squat"]
    evaluator.close()


def test_score_ranks_success_first_and_then_error(standing_library):
    """The score is the share of successes less the root-relative error in metres."""
    metrics = evaluate(standing_library).metrics
    expected = metrics["success_mean_body"] - metrics["root_relative_error_mm"] / 1000
    assert metrics["score"] == pytest.approx(expected)
    assert metrics["success_mean_body"] == 0.5


def test_jerk_of_a_cubic_is_constant():
    """The third derivative of t^3 is 6."""
    times = 0.1 * torch.arange(4.0)
    positions = [torch.tensor([[[t**3, 0.0, 0.0]]]) for t in times.tolist()]
    torch.testing.assert_close(_jerk(positions, 0.1), torch.tensor([6.0]), atol=1e-3, rtol=0)


def test_results_are_plain_data(standing_library):
    """What evaluation.json holds."""
    data = evaluate(standing_library, max_steps=5).to_dict()
    assert set(data) == {"metrics", "clips"}
    assert [clip["clip"] for clip in data["clips"]] == ["short", "long"]
