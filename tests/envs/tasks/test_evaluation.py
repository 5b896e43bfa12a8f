# SPDX-License-Identifier: Apache-2.0
"""The evaluator of each task, and what all of them offer."""

import json

import pytest
import torch

from protomotions_envs import EnvConfig, ProtoMotionsError
from protomotions_envs.randomization import RandomizationConfig
from protomotions_envs.tasks import TASKS
from protomotions_envs.tasks.evaluation import make_evaluator
from protomotions_envs.tasks.evaluator import evaluation_config
from protomotions_envs.tasks.free.evaluation import FreeEvaluator
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluator


def still(observation: torch.Tensor) -> torch.Tensor:
    """Ask for nothing."""
    return torch.zeros(len(observation), 29)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_an_evaluator(name, standing_library):
    """Figures are finite, explained, and plain data; `score` is among them, and the same each time."""
    config = EnvConfig(task=TASKS[name](), flatten=True)
    evaluator = make_evaluator(config, standing_library, num_envs=2, max_steps=30)
    first, second = evaluator(still), evaluator(still)
    assert evaluator.env.num_envs == 2
    evaluator.close()
    assert "score" in first.metrics
    assert all(isinstance(value, float) and abs(value) < float("inf") for value in first.metrics.values())
    assert set(first.metrics) <= set(first.definitions)
    assert first.metrics == second.metrics
    data = json.loads(json.dumps(first.to_dict()))
    assert data["metrics"] == first.metrics
    assert [clip["clip"] for clip in data["clips"]] == ["short", "long"]


def test_mimic_is_evaluated_clip_by_clip(standing_library):
    """With more trials starts have the noise of training; one trial is exact."""
    config = EnvConfig(flatten=True)

    def evaluate(**settings):
        evaluator = make_evaluator(config, standing_library, max_steps=20, **settings)
        assert isinstance(evaluator, MimicEvaluator)
        result = evaluator(still)
        evaluator.close()
        return result

    plain = MimicEvaluator(config, standing_library, max_steps=20)
    assert evaluate() == plain(still)
    plain.close()
    error = "root_relative_error_mm"
    assert evaluate(trials=3).metrics[error] > 1.2 * evaluate().metrics[error]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trials": 2}, r"'steering' isn't tried clip by clip, so trials must be 1, not 2; .*num_envs"),
        ({"num_envs": 0}, "num_envs of an evaluation must be positive, not 0"),
        ({"seconds": -1.0}, r"seconds of an evaluation must be positive, not -1\.0"),
        ({"max_steps": 0}, "max_steps of an evaluation must be positive, not 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    """One line says what was given and what to do."""
    with pytest.raises(ProtoMotionsError, match=message):
        make_evaluator(EnvConfig(task=TASKS["steering"]()), **settings)


def test_each_evaluator_refuses_the_others_tasks(standing_library):
    """Tracking needs a clip to follow, and the others none."""
    with pytest.raises(ProtoMotionsError, match="'steering' follows no clip"):
        MimicEvaluator(EnvConfig(task=TASKS["steering"]()))
    with pytest.raises(ProtoMotionsError, match="'mimic' follows a reference"):
        FreeEvaluator(EnvConfig(), standing_library, num_envs=1)


def test_evaluations_push_nobody():
    """Everything else of the randomisation stays."""
    config = EnvConfig(randomization=RandomizationConfig(preset="everything"))
    found = evaluation_config(config)
    assert config.randomization.resolved().pushes.interval is not None
    assert found.randomization.pushes.interval is None
    assert found.randomization.physics == config.randomization.resolved().physics
    assert (found.autoreset_mode, found.compile) == ("disabled", False)
