# SPDX-License-Identifier: Apache-2.0
"""The console line, the progress bar and TensorBoard."""

import io
import re

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from protomotions_algos.common.loggers import ConsoleLogger, TensorBoardLogger, epoch_line


def figures(epoch=100):
    """The training guide's example."""
    return {
        "time/epoch": float(epoch),
        "rollout/episode_return": 45.2345,
        "loss/value": 0.1221,
        "loss/policy": 0.0312,
        "time/env_steps_per_second": 12543.4,
    }


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self):
        """Say so."""
        return True


def test_line_is_that_of_the_training_guide():
    """Character for character."""
    expected = "Epoch 100 | ep_reward: 45.23 | value_loss: 0.122 | policy_loss: 0.031 | FPS: 12543"
    assert epoch_line(figures()) == expected


def test_line_tells_the_style_where_there_is_one():
    """Between the reward and the losses."""
    line = epoch_line({**figures(), "reward/style_mean": 0.3141})
    assert line.startswith("Epoch 100 | ep_reward: 45.23 | style_reward: 0.314 | value_loss: 0.122 | ")


def test_line_tells_the_loss_of_the_only_critic():
    """Without a weight for the task's reward that is the style's."""
    losses = {"loss/style_value": 0.2718, "reward/style_mean": 0.3141}
    line = epoch_line({name: value for name, value in figures().items() if name != "loss/value"} | losses)
    assert "| style_reward: 0.314 | value_loss: 0.272 | policy_loss: 0.031 |" in line


def test_lines_are_rate_limited_but_the_last_is_printed():
    """Within the interval only the first line appears; closing prints the latest, once."""
    stream = io.StringIO()
    logger = ConsoleLogger(stream=stream, min_seconds=60.0)
    for epoch in (1, 2, 3):
        logger.log(epoch, figures(epoch))
    assert [line.split(" |")[0] for line in stream.getvalue().splitlines()] == ["Epoch 1"]
    logger.close()
    logger.close()
    assert [line.split(" |")[0] for line in stream.getvalue().splitlines()] == ["Epoch 1", "Epoch 3"]


def test_every_nth_epoch():
    """With no least time, multiples of `every` are printed, and the last."""
    stream = io.StringIO()
    logger = ConsoleLogger(stream=stream, min_seconds=0.0, every=2)
    for epoch in range(1, 6):
        logger.log(epoch, figures(epoch))
    logger.close()
    assert re.findall(r"Epoch (\d)", stream.getvalue()) == ["2", "4", "5"]


def test_evaluations_have_their_own_line():
    """It follows its epoch's line, which isn't held back then."""
    stream = io.StringIO()
    logger = ConsoleLogger(stream=stream, min_seconds=60.0)
    logger.log(1, figures(1))
    logger.log(2, figures(2))
    logger.log(2, {"time/epoch": 2.0, "eval/score": 0.98765})
    lines = stream.getvalue().splitlines()
    assert lines[1].startswith("Epoch 2 | ep_reward")
    assert lines[2] == "Epoch 2 | score: 0.9877"


def test_evaluations_show_the_figures_asked_for():
    """Beside the score stand those of the named figures that there are, in that order."""
    stream = io.StringIO()
    logger = ConsoleLogger(stream=stream, shown=("success", "error", "absent"))
    logger.log(2, {"time/epoch": 2.0, "eval/score": 0.5, "eval/error": 12.345, "eval/success": 1.0, "eval/other": 3.0})
    assert stream.getvalue().splitlines() == ["Epoch 2 | score: 0.5000 | success: 1 | error: 12.35"]


def test_progress_bar_on_a_terminal_only():
    """A terminal shows steps done of all and keeps lines whole; a file gets lines only."""
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        logger = ConsoleLogger(1000, start_step=100, stream=stream)
        logger.log(400, figures())
        logger.close()
    assert epoch_line(figures()) in terminal.getvalue()
    assert "400/1000" in terminal.getvalue()
    assert file.getvalue() == epoch_line(figures()) + "\n"


def read(folder, tag):
    """Steps and values of one scalar."""
    events = EventAccumulator(str(folder)).Reload()
    return [(event.step, round(event.value, 3)) for event in events.Scalars(tag)]


def test_tensorboard_appends_and_purges(tmp_path):
    """A resumed run hides what the killed one wrote after the checkpoint."""
    killed = TensorBoardLogger(tmp_path)
    for step in (10, 20, 30):
        killed.log(step, {"loss/policy": step / 10.0, "eval/score": 1.0})
    killed.close()
    resumed = TensorBoardLogger(tmp_path, purge_step=21)
    resumed.log(30, {"loss/policy": 7.0})
    resumed.close()
    assert read(tmp_path, "loss/policy") == [(10, 1.0), (20, 2.0), (30, 7.0)]
    assert read(tmp_path, "eval/score") == [(10, 1.0), (20, 1.0)]
