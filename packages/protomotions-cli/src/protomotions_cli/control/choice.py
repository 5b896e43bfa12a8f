# SPDX-License-Identifier: Apache-2.0
"""Which control the command line asks for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from protomotions_cli.control.commands_file import read_commands
from protomotions_cli.control.control import Control
from protomotions_cli.control.keyboard import Keyboard
from protomotions_cli.control.latents import Latents, read_latent
from protomotions_cli.control.orders import check_task
from protomotions_cli.control.script import Script
from protomotions_cli.control.terminal_keys import terminal_keys
from protomotions_cli.errors import UsageError
from protomotions_cli.experiment import ExperimentConfig


@dataclass(frozen=True)
class ControlRequest:
    """The flags of `protomotions play` that say who controls the robot."""

    keyboard: bool = False
    """`--keyboard`."""
    commands: Path | None = None
    """`--commands`."""
    latent: str | None = None
    """`--latent`."""
    interpolate: tuple[str, str] | None = None
    """`--interpolate`."""

    def check(self, video: Path | None) -> None:
        """Raise UsageError if several controls are asked for, or keys for a film."""
        given = [f"--{name}" for name, value in vars(self).items() if value]
        if len(given) > 1:
            raise UsageError(f"give one of {' and '.join(given)}, not both")
        if self.keyboard and video is not None:
            raise UsageError("--keyboard is for windows and terminals; for a video give --commands FILE")


@contextmanager
def chosen_control(request: ControlRequest, config: ExperimentConfig) -> Generator[Control | None]:
    """Give the control that is asked for, None for none; a terminal that keys are read from is as before afterwards.

    Raises:
        UsageError: The task or the algorithm can't be controlled so, or a file can't be used.
    """
    task = config.env.task
    if request.keyboard:
        check_task(task, "--keyboard")
        with terminal_keys() as keys:
            keyboard = Keyboard(keys)
            try:
                yield keyboard
            finally:
                keyboard.leave()
    elif request.commands is not None:
        check_task(task, "--commands")
        yield Script(read_commands(request.commands, task.name))
    elif request.latent is not None:
        yield Latents(read_latent(request.latent, config.agent, "--latent"))
    elif request.interpolate is not None:
        start, end = (read_latent(text, config.agent, "--interpolate") for text in request.interpolate)
        yield Latents(start, end)
    else:
        yield None
