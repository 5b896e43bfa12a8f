# SPDX-License-Identifier: Apache-2.0
"""Settings of an environment: which robot does what, in which simulator."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal, get_args

from protomotions_envs.errors import ProtoMotionsError, did_you_mean
from protomotions_envs.randomization import RandomizationConfig
from protomotions_envs.simulators import check_capabilities
from protomotions_envs.tasks import TASKS, MimicConfig, TaskConfig

AutoresetName = Literal["next_step", "same_step", "disabled"]
RenderMode = Literal["rgb_array"]


@dataclass(frozen=True)
class EnvConfig:
    """Settings of `HumanoidVectorEnv`; each field is also a keyword argument of `gym.make` and `gym.make_vec`."""

    robot: str = "g1"
    """Name of a robot, or path of an MJCF file."""
    simulator: str = "mujoco"
    """Name of a simulator."""
    motion_file: str | None = None
    """Clips to follow or to move like: a file or folder of any known format, or a pack; None takes the robot's built-in
    clip for tasks that need one, and none for the others."""
    motion_shard: tuple[int, int] = (0, 1)
    """Which share of the clips to take, from 0, and of how many; for processes that train together."""
    task: TaskConfig = field(default_factory=MimicConfig)
    """What to do."""
    randomization: RandomizationConfig = field(default_factory=RandomizationConfig)
    """How worlds differ and what disturbs episodes; nothing by default."""
    device: str | None = None
    """Where observations, rewards and actions live, as PyTorch names it; None takes the GPU for simulators that run on
    one, where there is one, and the CPU for others."""
    graph: bool = True
    """Replay the step as CUDA graphs, where device and simulator can; False runs the same operations one by one."""
    compile: bool = True
    """Fuse the observations and rewards of a captured step with torch.compile; takes half a minute the first time."""
    num_threads: int = 0
    """Threads that step the physics on the CPU; 0 takes all cores. Results don't depend on it."""
    max_episode_seconds: float = 10.0
    """Time limit of an episode, s; reaching it truncates."""
    autoreset_mode: AutoresetName = "next_step"
    """What happens to worlds whose episode has ended; see `gymnasium.vector.AutoresetMode`."""
    flatten: bool = False
    """Give observations as one vector instead of a dictionary of named parts."""
    render_mode: RenderMode | None = None
    """`rgb_array`: `render` returns pictures."""

    def __post_init__(self) -> None:
        if self.autoreset_mode not in get_args(AutoresetName):
            raise ProtoMotionsError(f"autoreset_mode must be one of {get_args(AutoresetName)}: {self.autoreset_mode!r}")
        if self.render_mode not in (None, *get_args(RenderMode)):
            raise ProtoMotionsError(f"render_mode must be None or one of {get_args(RenderMode)}: {self.render_mode!r}")
        if self.max_episode_seconds <= 0:
            raise ProtoMotionsError(f"max_episode_seconds must be positive, not {self.max_episode_seconds}")
        if self.num_threads < 0:
            raise ProtoMotionsError(f"num_threads must be 0 (all cores) or positive, not {self.num_threads}")
        check_capabilities(self.simulator, self.randomization.needs)


def merge_settings(config: EnvConfig | None, settings: dict[str, object]) -> EnvConfig:
    """Return the settings with some replaced; `task` may be a task's name.

    Raises:
        ProtoMotionsError: A setting or task doesn't exist; names the nearest.
    """
    known = [setting.name for setting in dataclasses.fields(EnvConfig)]
    for name in settings:
        if name not in known:
            raise ProtoMotionsError(
                f"Unknown setting {name!r}.{did_you_mean(name, known)} There are: {', '.join(known)}"
            )
    task = settings.get("task")
    if isinstance(task, str):
        if task not in TASKS:
            raise ProtoMotionsError(f"Unknown task {task!r}.{did_you_mean(task, TASKS)} There are: {', '.join(TASKS)}")
        settings = {**settings, "task": TASKS[task]()}
    return dataclasses.replace(config or EnvConfig(), **settings)
