# SPDX-License-Identifier: Apache-2.0
"""Many humanoids at once, as a Gymnasium vector environment of torch tensors."""

from __future__ import annotations

from collections.abc import Mapping

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from torch import Tensor

from protomotions_envs.config import EnvConfig, merge_settings
from protomotions_envs.errors import MotionError, ProtoMotionsError, RenderError
from protomotions_envs.motions import MotionLibrary, default_motion, is_pack, load_motions, open_pack
from protomotions_envs.motions.sharding import shard
from protomotions_envs.rendering import Renderer
from protomotions_envs.robots import load_robot
from protomotions_envs.simulators import default_device
from protomotions_envs.tasks import make_task
from protomotions_envs.torch_threads import SteppingThreads
from protomotions_envs.worlds import Observation, Outcome, Worlds


class HumanoidVectorEnv(VectorEnv):
    """N simulated humanoids, each with something to do: follow clips, move like them, go where it is told.

    What that is, its settings, observations, rewards and ends are described by each task's modules `config` and `goal`
    in `protomotions_envs.tasks`: `mimic`, `free` (the task `style`, and what those after it share), `steering`,
    `path_follower`, `target`.

    ## Action Space
    `Box(-1, 1, (J,))`, one number per joint in MJCF order. A joint's drive is told to hold, for one control step, the
    angle *baseline + action * action_scale * reach*. Tracking takes the reference's next frame as the baseline, or the
    default pose if asked to, and *effort limit / stiffness* as the reach: at rest, an action of 1 asks for that share
    of the joint's effort. The other tasks take the default pose and the robot's `action_reach`. Actions beyond the
    bounds are clipped. Gaussian policies should start with a small standard deviation, about 0.15.

    ## Observation Space
    `Dict` of named `Box` parts, or one `Box` of all parts in that order with `flatten=True`; float32. All tasks have by
    default, with B bodies and J joints, `max_coords` (15 B - 2), `joint_state` (2 J) and `previous_action` (J); see
    `protomotions_envs.terms.observations` for contents, units and frames. To these come

    * `mimic`: with K future steps `future_poses` (K (9 + J)), `reference_joint_vel` (J), `body_difference` (3 B); on
      demand `tracking_difference` (9 B - 3 + J), for a discriminator;
    * `steering`: `steering` (5); `path_follower`: `path` (20, with heights 30); `target`: `target` (2);
    * tasks without a reference that are given clips: `style`, the last moments as a discriminator sees them, see
      `protomotions_envs.terms.style_features`. `sample_demonstrations` gives the same of clips.

    ## Rewards
    A weighted sum of the task's terms, nothing for `style`, and of penalties. `info["reward_terms"]` holds the weighted
    terms.

    ## Starting State
    A random moment of a random clip (reference state initialisation), or the default pose where there are no clips,
    with some noise on joints and velocities. `mimic` starts more often where episodes failed lately. Where there are
    clips, `reset(options={"motion": ids, "frame": frames})` chooses the start; `{"noise": False}` leaves out the noise.

    ## Episode End
    `terminated`: the robot has lost its reference or its path, has fallen (tasks without a reference), was ended by
    `end_episodes`, or its world broke (not finite, or exploded; then also `info["broken"]`). `truncated`: the clip that
    is followed has ended or the time limit is reached. The two are independent. All three autoreset modes of Gymnasium
    are supported. SAME_STEP gives `info["final_obs"]` and `info["final_info"]` with all N rows, valid where
    `info["_final_obs"]` is true. DISABLED resets with `reset(options={"reset_mask": mask})`.

    ## Arguments
    The fields of `EnvConfig` as keywords, or a whole `EnvConfig` as `config`, of which keywords replace fields.

    ## Versions
    * v0: first.

    Args:
        num_envs: Number N of worlds.
        config: Settings; the defaults of `EnvConfig` if None.
        motion_library: Clips to share with another environment; loaded from the settings if None.
        settings: Fields of `EnvConfig` to replace.

    Raises:
        ProtoMotionsError: A setting, robot, simulator or motion file that can't be used; the message says what to do.
    """

    metadata: dict[str, object] = {  # noqa: RUF012  (Gymnasium's)
        "render_modes": ["rgb_array"],
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        *,
        config: EnvConfig | None = None,
        motion_library: MotionLibrary | None = None,
        **settings: object,
    ) -> None:
        self.config = merge_settings(config, settings)
        if num_envs < 1:
            raise ProtoMotionsError(f"num_envs must be at least 1, not {num_envs}")
        self.num_envs = num_envs
        self.device = device_of(self.config)
        self.robot = load_robot(self.config.robot)
        wanted = self.config.motion_file is not None or self.config.task.needs_motion
        self.motion_library = motion_library or (load_library(self.config) if wanted else None)
        self.task = make_task(self.config.task, self.robot, self.motion_library, num_envs, self.device)
        self.worlds = Worlds(self.config, self.robot, self.task)
        self.simulator = self.worlds.simulator
        self.autoreset_mode = self.worlds.autoreset_mode
        self._threads = SteppingThreads(num_envs, self.device)
        self.render_mode = self.config.render_mode
        self.metadata = {
            **type(self).metadata,
            "autoreset_mode": self.autoreset_mode,
            "render_fps": round(1 / self.robot.control_dt),
        }
        self._seeded = False
        self._renderer: Renderer | None = None
        self._define_spaces()

    def reset(
        self, *, seed: int | list[int] | None = None, options: Mapping[str, object] | None = None
    ) -> tuple[Observation, dict[str, object]]:
        """Start new episodes in all worlds, or where `options["reset_mask"]` (bool, [N]) is true.

        Other options choose the start, see `MimicTask.reset` and `FreeTask.reset`. `randomization_seed`, an integer,
        draws anew how the worlds differ, see `RandomizationConfig`.
        """
        super().reset(seed=seed)  # ty: ignore[invalid-argument-type]
        if seed is not None or not self._seeded:
            self.worlds.generator.manual_seed(int(self.np_random.integers(2**62)))
            self._seeded = True
        options = dict(options or {})
        mask = self._reset_mask(options.pop("reset_mask", None))
        self.worlds.begin(mask, options)
        return self.worlds.observe(), {"broken": torch.zeros_like(mask)}

    # The info is a plain dictionary when it runs; only its type is more exact than Gymnasium's.
    def step(self, actions: Tensor | np.ndarray) -> Outcome:  # ty: ignore[incompatible-method-override]
        """Advance all worlds by one control step.

        Args:
            actions: [N, J], torch or numpy.

        Returns:
            Observation, reward [N], terminated [N], truncated [N], info.
        """
        with self._threads:
            return self.worlds.step(self._check_actions(actions))

    def command(self, **wanted: Tensor | float) -> None:
        """Tell all robots what to do until the next command or episode, see the `command` of the task's goal.

        Raises:
            ProtoMotionsError: The task has no goal, or none of that name.
        """
        self.task.command(**wanted)

    def end_episodes(self, mask: Tensor) -> None:
        """Let the episodes of the worlds in `mask`, bool, [N], terminate in the next step."""
        self.worlds.end(mask)

    def sample_demonstrations(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the observation parts for discriminators as clips show them at `count` random moments, [count, ...].

        Args:
            count: How many moments.
            generator: Where they are drawn from; one on another device gives the seed of one on the environment's.

        Raises:
            ProtoMotionsError: The task has no clips.
        """
        if generator.device.type != self.device.type:
            seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
            generator = torch.Generator(self.device).manual_seed(seed)
        return self.task.demonstrations(count, generator)

    @property
    def graphs(self) -> bool:
        """Whether steps are replayed as CUDA graphs."""
        return self.worlds.graphs

    def render(self) -> tuple[np.ndarray, ...] | None:
        """Return a picture of the first world, its reference beside it as a ghost, uint8 [height, width, 3].

        Raises:
            RenderError: The environment wasn't made with `render_mode="rgb_array"`, or OpenGL isn't available.
        """
        if self.render_mode is None:
            raise RenderError('Make the environment with render_mode="rgb_array" to render it')
        if self._renderer is None:
            self._renderer = Renderer(self.robot)
        state = self.simulator.state
        return (self._renderer.draw(state, self.task.reference, self.task.markers(state)),)

    def close_extras(self, **kwargs: object) -> None:
        """Free the simulator and the renderer."""
        self.worlds.close()
        if self._renderer is not None:
            self._renderer.close()

    def _define_spaces(self) -> None:
        joints = self.robot.num_joints
        self.single_action_space = gymnasium.spaces.Box(-1.0, 1.0, (joints,), np.float32)
        self.observation_sizes = {name: part.shape[1] for name, part in self.worlds.terms().items()}
        boxes: dict[str, gymnasium.Space] = {name: _unbounded(size) for name, size in self.observation_sizes.items()}
        total = sum(self.observation_sizes.values())
        self.single_observation_space = _unbounded(total) if self.config.flatten else gymnasium.spaces.Dict(boxes)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def _check_actions(self, actions: Tensor | np.ndarray) -> Tensor:
        action = torch.as_tensor(actions, dtype=torch.float32, device=self.device)
        if action.shape != self.action_space.shape:
            raise ProtoMotionsError(f"Actions have shape {tuple(action.shape)}, expected {self.action_space.shape}")
        return action.clamp(-1.0, 1.0)

    def _reset_mask(self, mask: object) -> Tensor:
        if mask is None:
            return torch.ones(self.num_envs, dtype=torch.bool, device=self.device)
        chosen = torch.as_tensor(mask, device=self.device)
        if chosen.dtype != torch.bool or chosen.shape != (self.num_envs,):
            raise ProtoMotionsError(
                f"options['reset_mask'] must be bool of shape ({self.num_envs},), not {chosen.dtype} of "
                f"{tuple(chosen.shape)}"
            )
        return chosen


def load_library(config: EnvConfig) -> MotionLibrary:
    """Return the clips that the settings name, or the robot's built-in clip, at the control rate.

    Raises:
        MotionError: The clips can't be used, or there is no built-in one.
    """
    robot, (rank, ranks) = load_robot(config.robot), config.motion_shard
    path = config.motion_file or default_motion(robot)
    if path is None:
        raise MotionError(f"Robot {robot.name!r} has no built-in clip; give one with motion_file (--motion-file)")
    fps, device = 1 / robot.control_dt, device_of(config)
    if is_pack(path):
        pack = open_pack(path, robot, fps=fps)
        return MotionLibrary.from_pack(pack, robot, device=device, rank=rank, ranks=ranks)
    motions = load_motions(path, robot)
    mine = shard([motion.num_frames for motion in motions], rank, ranks)
    return MotionLibrary([motions[clip] for clip in mine], robot, fps=fps, device=device)


def device_of(config: EnvConfig) -> torch.device:
    """Return where an environment of these settings lives."""
    return torch.device(config.device) if config.device is not None else default_device(config.simulator)


def _unbounded(size: int) -> gymnasium.spaces.Box:
    return gymnasium.spaces.Box(-np.inf, np.inf, (size,), np.float32)
