# SPDX-License-Identifier: Apache-2.0
"""Experiment files: what they return, which flags change it, and what is said of broken ones."""

import dataclasses
from pathlib import Path

import pytest

from protomotions_algos.amp import AMPConfig
from protomotions_algos.ppo import PPOConfig
from protomotions_cli.configuration.overrides import parse_overrides
from protomotions_cli.configuration.plain import from_plain, to_plain
from protomotions_cli.errors import UsageError
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig, load_experiment, resolve

EXPERIMENTS = sorted((Path(__file__).parents[2] / "examples" / "experiments").rglob("*.py"))


@pytest.fixture
def config(workspace):
    """The tiny experiment's settings."""
    return load_experiment(workspace / "tiny.py", ExperimentArguments())


@pytest.mark.parametrize("motion_file", [None, "walk.npz"])
@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_shipped_experiment_survives_a_round_trip_through_plain_data(path, motion_file):
    """What an experiment returns can be written down and read back unchanged."""
    config = load_experiment(path, ExperimentArguments(motion_file=motion_file))
    assert from_plain(ExperimentConfig, to_plain(config)) == config


@pytest.mark.parametrize(
    "path", [path for path in EXPERIMENTS if path.parent.name == "experiments"], ids=lambda p: p.name
)
def test_experiments_with_discriminators_or_goals_are_larger_on_a_gpu(path):
    """Thousands of robots, and a run that is long enough for them; a number that is given counts on both."""
    small, large = (load_experiment(path, ExperimentArguments(simulator=name)) for name in (None, "mujoco-warp"))
    goal = path.name in ("steering_mlp.py", "path_follower_mlp.py")
    assert (small.num_envs, large.num_envs) == (256, 8192 if goal else 4096)
    assert large.training_max_steps > 10 * small.training_max_steps
    assert load_experiment(path, ExperimentArguments(simulator="mujoco-warp", num_envs=64)).num_envs == 64


@pytest.mark.parametrize("name", ["steering_mlp.py", "path_follower_mlp.py"])
def test_goals_are_learned_with_a_style_where_there_are_clips(name):
    """PPO alone without, AMP with half the weight on each with."""
    path = next(path for path in EXPERIMENTS if path.name == name)
    alone, styled = (load_experiment(path, ExperimentArguments(motion_file=file)).agent for file in (None, "walk.npz"))
    assert type(alone) is PPOConfig
    assert isinstance(styled, AMPConfig)
    assert (styled.task_weight, styled.style_weight) == (0.5, 0.5)


def tasks_of_few_many_and_styled(name):
    """The tasks that an experiment gives few robots, many, and many with a clip."""
    path = next(path for path in EXPERIMENTS if path.name == name)
    flags = ({}, {"num_envs": 8192}, {"num_envs": 8192, "motion_file": "walk.npz"})
    return [load_experiment(path, ExperimentArguments(**given)).env.task for given in flags]


@pytest.mark.parametrize(("name", "price"), [("steering_mlp.py", 0.0), ("path_follower_mlp.py", 40.0)])
def test_falls_are_dear_only_for_many_robots_without_a_style(name, price):
    """Few learn nothing, or too late, from such a price, and beside a style it would drown the goal."""
    assert [task.fall_cost for task in tasks_of_few_many_and_styled(name)] == [price, 200.0, 0.0]


def test_many_robots_are_steered_gradually():
    """Few, and those with a style, obey at once."""
    tasks = tasks_of_few_many_and_styled("steering_mlp.py")
    assert [task.commands.turn_rate for task in tasks] == [None, 2.5, None]


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_shipped_experiment_is_short(path):
    """Defaults live in the packages, so that an experiment shows only what is special about it."""
    assert len(path.read_text().splitlines()) < 50


def test_flags_that_were_given_win_over_the_experiment(config):
    """Each lands in its own setting; those left out change nothing."""
    flags = ExperimentArguments(
        robot_name="smpl",
        simulator="genesis",
        motion_file="clips #1/walk.npz",
        num_envs=16,
        batch_size=32,
        training_max_steps=1000,
        seed=3,
        num_threads=2,
    )
    changed = resolve(config, flags, [])
    assert (changed.env.robot, changed.env.simulator) == ("smpl", "genesis")
    assert changed.env.motion_file == str(Path.cwd() / "clips #1" / "walk.npz")
    assert (changed.num_envs, changed.training_max_steps, changed.seed) == (16, 1000, 3)
    assert (changed.agent.batch_size, changed.env.num_threads, changed.env.device) == (32, 2, None)
    assert resolve(config, ExperimentArguments(), []) == config


def test_overrides_win_over_flags(config):
    """The more special way of saying it counts."""
    changed = resolve(config, ExperimentArguments(seed=1), parse_overrides(["seed=2 env.motion_file=a.npz"]))
    assert changed.seed == 2
    assert changed.env.motion_file == str(Path.cwd() / "a.npz")


@pytest.mark.parametrize(("name", "value"), [("num_envs", 0), ("training_max_steps", 0), ("seed", -1)])
def test_sizes_that_can_t_be_are_refused(config, name, value):
    """The message names the setting and the value."""
    with pytest.raises(UsageError, match=f"{name} must be .* not {value}"):
        dataclasses.replace(config, **{name: value})


def test_the_experiment_sees_the_flags(workspace):
    """An experiment may choose by what was given."""
    text = (workspace / "tiny.py").read_text().replace("num_envs=4", "num_envs=8 if args.robot_name == 'smpl' else 4")
    (workspace / "chooses.py").write_text(text)
    assert load_experiment(workspace / "chooses.py", ExperimentArguments(robot_name="smpl")).num_envs == 8


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def experiment(args:\n    pass\n", r"bad.py, line 1: .*never closed"),
        ("import nothing_of_this_name\n", r"bad.py, line 1: ModuleNotFoundError: No module named"),
        ("x = 1\n", r"bad.py has no function experiment\(args\)"),
        ("def experiment(args):\n    return 3\n", "returned int; expected an ExperimentConfig"),
        ("def experiment(args):\n\n    return args.robot\n", "line 3: AttributeError: .*has no attribute 'robot'"),
        (
            "from protomotions_algos.ppo import PPOConfig\n\ndef experiment(args):\n    return PPOConfig(clip=-1.0)\n",
            r"bad.py, line 4: clip is -1.0, but must be above 0",
        ),
    ],
)
def test_a_broken_experiment_is_one_line_with_file_and_line(tmp_path, text, message):
    """Syntax, imports, a missing function, another type, a wrong attribute, a refused setting."""
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_experiment(path, ExperimentArguments())


def test_a_missing_or_binary_experiment_file_says_where_examples_are(tmp_path):
    """Both are read errors."""
    with pytest.raises(UsageError, match="No such file or directory; examples are in"):
        load_experiment(tmp_path / "none.py", ExperimentArguments())
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UsageError, match="it is not a text file"):
        load_experiment(tmp_path / "binary.py", ExperimentArguments())


def test_lists_in_an_experiment_become_the_tuples_that_settings_hold(workspace):
    """An experiment may be sloppy; the resolved settings aren't."""
    text = (workspace / "tiny.py").read_text().replace("num_threads=1", "task=MimicConfig(future_steps=[1, 2])")
    text = text.replace("import EnvConfig", "import EnvConfig\nfrom protomotions_envs.tasks import MimicConfig")
    (workspace / "lists.py").write_text(text)
    config = load_experiment(workspace / "lists.py", ExperimentArguments())
    assert resolve(config, ExperimentArguments(), []).env.task.future_steps == (1, 2)
