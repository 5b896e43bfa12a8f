# SPDX-License-Identifier: Apache-2.0
"""Each algorithm and task from the command line: trained, resumed, evaluated, and what is refused."""

import json
import re

import pytest
import torch
import yaml
from tests.cli.shipped import SHIPPED, shipped_words

from protomotions_algos.amp import AMPConfig
from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_algos.ppo import PPOConfig
from protomotions_cli.algorithms import ALGORITHMS, learner, wants_parts
from protomotions_cli.configuration.comparison import compare
from protomotions_cli.configuration.plain import from_plain, to_plain
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_cli.playback import Playback
from protomotions_cli.trained_run import open_run
from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks import SteeringConfig

FIGURES = {
    "steering": {"upright", "standing_drift_m_s"},
    "steering_style": {"upright", "joint_angle_distance_rad", "style_reward", "discriminator_accuracy_demonstrations"},
    "path_follower": {"upright", "path_distance_m"},
    "amp": {"upright", "clips_visited", "style_reward", "discriminator_accuracy_policy"},
    "ase": {"upright", "diversity", "style_reward"},
    "add": {"success_mean_body", "root_relative_error_mm", "style_reward", "discriminator_accuracy_policy"},
}


@pytest.mark.parametrize("name", SHIPPED)
def test_each_experiment_trains_and_resumes(shipped, protomotions, clip, name):
    """The checkpoints of the first command are there, and the same command with more steps goes on from them."""
    checkpoints = CheckpointFolder(shipped(name))
    assert checkpoints.load()["env_steps"] == 64
    assert checkpoints.exists("score_based.ckpt")
    code, out, _ = protomotions(*shipped_words(name, clip), "--training-max-steps", 96)
    assert code == 0
    assert f"{name}: resumes at 64 steps (epoch 4)" in out
    assert re.search(r"^Epoch 6 \| ep_reward: .* \| FPS: \d+$", out, re.MULTILINE)
    assert re.search(r"^Epoch 6 \| score: -?\d\.\d{4} \| (upright|success_mean_body): ", out, re.MULTILINE)
    assert checkpoints.load()["env_steps"] == 96


@pytest.mark.parametrize("name", SHIPPED)
def test_each_experiment_can_be_evaluated(shipped, protomotions, name):
    """The figures that its task and its algorithm promise are on the screen and, with their meanings, in the file."""
    folder = shipped(name)
    seconds = [] if name == "add" else ["--seconds", 1.5]
    code, out, err = protomotions("eval", name, "--num-envs", 2, *seconds)
    assert (code, err) == (0, "")
    found = json.loads((folder / "evaluation.json").read_text())
    assert FIGURES[name] - set(found["metrics"]) <= {"standing_drift_m_s"}
    assert set(found["metrics"]) - {"score"} <= set(found["definitions"]) | {"score"}
    rows = FIGURES[name] & set(found["metrics"]) - {"success_mean_body", "root_relative_error_mm"}
    assert all(re.search(rf"^│ {figure} +│ +-?\d", out, re.MULTILINE) for figure in rows)
    if SHIPPED[name][1]:
        assert found["clips"][0]["clip"] == "wave"
        assert re.search(r"^│ *wave *│", out, re.MULTILINE)
    else:
        assert found["motion_file"] is None


@pytest.mark.parametrize("name", SHIPPED)
def test_each_experiment_can_be_played(shipped, name):
    """A robot moves, in a playback of the length asked for; tasks that follow no clip take 20 s by default."""
    run = open_run(name, shipped(name).parent, checkpoint="last", flags=ExperimentArguments(), overrides=[])
    playback = Playback(run, None, seconds=0.1)
    states = [moment.state.joint_pos.clone() for moment in playback.moments()]
    playback.close()
    assert len(states) == 5
    assert not torch.equal(states[0], states[-1])
    default = Playback(run, None, seconds=None)
    default.close()
    assert default.seconds == pytest.approx(0.96 if name == "add" else 20.0)


def test_a_task_without_clips_says_so(protomotions, clip, workspace):
    """Neither a built-in clip nor a file is announced; the task and the algorithm are."""
    code, out, _ = protomotions(*shipped_words("steering", clip), "--create-config-only")
    assert code == 0
    assert "--motion-file" not in out
    assert re.search(r"^motion +no clips, and the task needs none *$", out, re.MULTILINE)
    assert re.search(r"^task +steering: Walk in a given direction at a given speed\. *$", out, re.MULTILINE)
    assert re.search(r"^algorithm +PPO *$", out, re.MULTILINE)


def test_settings_of_every_algorithm_survive_plain_data():
    """None loses the settings that are its own."""
    for config in ALGORITHMS:
        whole = ExperimentConfig(env=EnvConfig(), agent=config())
        again = from_plain(ExperimentConfig, to_plain(whole))
        assert again == whole
        assert type(again.agent) is config


def test_ppo_takes_one_vector_unless_it_must_leave_something_out():
    """The style of clips is only for discriminators, and whoever names parts needs names."""
    free, styled = (EnvConfig(task=SteeringConfig(), motion_file=file) for file in (None, "walk.npz"))
    assert not wants_parts(PPOConfig(), EnvConfig())
    assert not wants_parts(PPOConfig(), free)
    assert wants_parts(PPOConfig(), styled)
    assert wants_parts(PPOConfig(actor_inputs=("max_coords",)), EnvConfig())
    assert wants_parts(AMPConfig(), EnvConfig())


def test_ppo_acts_alike_with_and_without_the_style_of_clips(clip):
    """From one vector or from parts, the same weights see the same numbers in the same places."""
    settings = PPOConfig(hidden_units=(8,), critic_hidden_units=(8,))
    options = {"task": "steering", "autoreset_mode": "same_step", "num_threads": 1}
    alone = HumanoidVectorEnv(2, flatten=True, **options)
    styled = HumanoidVectorEnv(2, motion_file=str(clip), **options)
    first, second = (learner(settings, env, seed=3) for env in (alone, styled))
    parts, _ = styled.reset(seed=0)
    vector = torch.cat([parts[name] for name in alone.observation_sizes], dim=1)
    assert torch.equal(first.act(vector), second.act(parts))
    assert torch.equal(first.act(vector), second.act({**parts, "style": torch.full_like(parts["style"], torch.nan)}))
    alone.close()
    styled.close()


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("agent.discriminator_inputs", ["style"], ["style", "max_coords"]),
        ("agent.discriminator_hidden_units", [8], [4]),
        ("agent.latent_dim", 3, 4),
        ("agent.algorithm", "amp", "ase"),
        ("env.task.style_steps", [0, 1], [0, 2]),
    ],
)
def test_what_shapes_discriminators_and_latents_can_t_change_on_resume(key, old, new):
    """The networks in the checkpoint are of the old sizes."""
    (change,) = compare(nested(key, old), nested(key, new))
    assert change.reason_to_refuse is not None


def nested(key, value):
    """Return `value` under a dotted key."""
    for name in reversed(key.split(".")):
        value = {name: value}
    return value


def experiment(agent, task):
    """Return the text of an experiment file."""
    return f'''"""An experiment."""
from protomotions_algos.add import ADDConfig
from protomotions_algos.amp import AMPConfig
from protomotions_algos.ase import ASEConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.tasks import MimicConfig, SteeringConfig, StyleConfig

def experiment(args: ExperimentArguments) -> ExperimentConfig:
    return ExperimentConfig(env=EnvConfig(task={task}(), num_threads=1), agent={agent}, num_envs=4)
'''


BAD_INPUT = {
    "no clips": ("AMPConfig()", "SteeringConfig", [], "'amp' imitates clips, but the task 'steering' has none"),
    "no clips for skills": ("ASEConfig()", "SteeringConfig", [], "'ase' imitates clips, .*--motion-file"),
    "no style": ("AMPConfig()", "MimicConfig", ["CLIP"], "'amp' looks at 'style', but the task 'mimic' observes only"),
    "no difference": ("ADDConfig()", "MimicConfig", ["CLIP"], "'tracking_difference'.*add it to env.task.observations"),
    "other part": ("ADDConfig()", "StyleConfig", ["CLIP"], "'tracking_difference', but the task 'style' observes only"),
    "discriminator batch": (
        "AMPConfig(num_steps=4)",
        "StyleConfig",
        ["CLIP", "--batch-size", 8, "--overrides", "agent.discriminator_batch_size=9"],
        "discriminator_batch_size is 9, but a minibatch has 8 samples",
    ),
    "batch": ("AMPConfig(num_steps=4)", "StyleConfig", ["CLIP", "--batch-size", 5], "batch_size 5 doesn't divide"),
    "algorithm": (
        "AMPConfig()",
        "StyleConfig",
        ["CLIP", "--overrides", "agent.algorithm=sac"],
        "agent.algorithm=sac: expected one of 'amp', got 'sac'",
    ),
    "setting of another": (
        "AMPConfig()",
        "StyleConfig",
        ["CLIP", "--overrides", "agent.latent_dim=4"],
        "unknown key 'agent.latent_dim'",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_what_doesn_t_fit_together_is_one_line_with_exit_code_2(protomotions, workspace, clip, case):
    """Found before anything is written."""
    agent, task, words, message = BAD_INPUT[case]
    (workspace / "mine.py").write_text(experiment(agent, task), encoding="utf-8")
    given = ["--motion-file", clip, *words[1:]] if "CLIP" in words else words
    code, _, err = protomotions("train", "--experiment-path", "mine.py", *given)
    assert code == 2
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert not (workspace / "results").exists()


def test_an_unknown_algorithm_in_a_file_of_settings_is_named(shipped, protomotions, workspace):
    """With those that there are."""
    plain = yaml.safe_load((shipped("amp") / "resolved_configs.yaml").read_text())
    plain["agent"]["algorithm"] = "apm"
    (workspace / "mine.yaml").write_text(yaml.safe_dump(plain))
    code, _, err = protomotions("train", "--config", "mine.yaml")
    assert code == 2
    assert err == "error: mine.yaml: agent.algorithm: unknown value 'apm'; did you mean 'amp'?\n"


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("steering", ["--trials", 2], "--trials is for mimic; for more tries of the task 'steering' raise --num-envs"),
        ("add", ["--seconds", 2], "--seconds is for tasks that follow no clips"),
        ("steering", ["--seconds", 0], "--seconds must be positive, not 0"),
        ("steering", ["--num-envs", 0], "--num-envs must be at least 1, not 0"),
    ],
)
def test_flags_of_eval_that_mean_nothing_to_a_task_are_refused(shipped, protomotions, name, words, message):
    """Rather than ignored."""
    shipped(name)
    code, out, err = protomotions("eval", name, *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
