# SPDX-License-Identifier: Apache-2.0
"""Pictures of a robot with its reference beside it as a ghost, drawn by MuJoCo, also without a screen."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np

from protomotions_envs.errors import RenderError
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.world import world_spec
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.task import Marker

GHOST_PREFIX = "reference/"
GHOST_COLOUR = (0.3, 0.65, 1.0, 0.45)
GHOST_OFFSET = np.array([0.0, 1.0, 0.0])
"""The ghost stands this far from where the reference really is, m, so that neither hides the other."""

MARKER_RADIUS = 0.05
"""Of balls, m; arrows are half as thick."""


class Renderer:
    """Draws the first world of a batch.

    Args:
        robot: What to draw.
        width: Of the pictures, pixels.
        height: Of the pictures, pixels.

    Raises:
        RenderError: OpenGL can't be started.
    """

    def __init__(self, robot: Robot, width: int = 640, height: int = 480) -> None:
        self._model = _scene_spec(robot, width, height).compile()
        self._data = mujoco.MjData(self._model)
        try:
            self._renderer = mujoco.Renderer(self._model, height, width)
        except Exception as error:  # Each OpenGL back end raises something of its own.
            raise RenderError(
                f"OpenGL could not be started ({error}). On a machine without a screen install EGL, for example "
                "apt install libegl1 libgl1-mesa-dri, and import protomotions_envs before mujoco"
            ) from error
        self._camera = mujoco.MjvCamera()
        self._camera.distance, self._camera.azimuth, self._camera.elevation = 3.2, 150.0, -15.0

    def draw(self, state: RobotState, reference: RobotState | None, markers: Sequence[Marker] = ()) -> np.ndarray:
        """Return a picture of world 0, uint8 [height, width, 3]; without a reference the ghost is out of sight."""
        joints = state.joint_pos.shape[1]
        robot = _generalised(state)
        ghost = robot.copy() if reference is None else _generalised(reference)
        ghost[:3] += GHOST_OFFSET if reference is not None else (0, 0, -100.0)
        middle = robot[:3] * (1, 1, 0) + (GHOST_OFFSET / 2 if reference is not None else 0.0)
        self._data.qpos[: 7 + joints] = robot
        self._data.qpos[7 + joints :] = ghost
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)
        # Light comes from above the robot, so that its shadow stays sharp wherever it walks.
        self._data.light_xpos[-1] = middle + np.array([0.0, 0.0, 4.0])
        self._camera.lookat[:] = middle + np.array([0.0, 0.0, 0.7])
        self._renderer.update_scene(self._data, self._camera)
        for marker in markers:
            add_marker(self._renderer.scene, marker)
        return self._renderer.render()

    def close(self) -> None:
        """Free the OpenGL context."""
        self._renderer.close()


def _generalised(state: RobotState) -> np.ndarray:
    parts = (state.root_pos[0], state.root_rot[0], state.joint_pos[0])
    return np.concatenate([part.numpy(force=True) for part in parts])


def add_marker(scene: mujoco.MjvScene, marker: Marker) -> None:
    """Add a ball or an arrow to a scene, unless it is full."""
    if scene.ngeom >= scene.maxgeom:
        return
    geom, position = scene.geoms[scene.ngeom], np.array(marker.position)
    kind = mujoco.mjtGeom.mjGEOM_SPHERE if marker.vector is None else mujoco.mjtGeom.mjGEOM_ARROW
    size, turn = np.full(3, MARKER_RADIUS), np.eye(3).flatten()
    mujoco.mjv_initGeom(geom, kind, size, position, turn, np.array(marker.colour, dtype=np.float32))
    if marker.vector is not None:
        mujoco.mjv_connector(geom, kind, 0.5 * MARKER_RADIUS, position, position + np.array(marker.vector))
    scene.ngeom += 1


def _scene_spec(robot: Robot, width: int, height: int) -> mujoco.MjSpec:
    spec = world_spec(robot)
    ghost = robot.make_spec()
    for geom in ghost.geoms:
        geom.rgba, geom.material, geom.contype, geom.conaffinity = GHOST_COLOUR, "", 0, 0
    spec.attach(ghost, prefix=GHOST_PREFIX, frame=spec.worldbody.add_frame())
    spec.visual.global_.offwidth, spec.visual.global_.offheight = width, height
    spec.visual.headlight.ambient = [0.35, 0.35, 0.35]
    _paint_ground(spec)
    # Without a graphics card these decide the time per picture; fewer samples and facets hardly show.
    quality = spec.visual.quality
    quality.offsamples, quality.shadowsize, quality.numslices, quality.numstacks = 0, 2048, 16, 10
    spec.stat.extent, spec.stat.center = 6.0, [0, 0, 0.7]
    spec.worldbody.add_light(
        pos=[0, 0, 4], dir=[0.1, 0.15, -1], type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL, diffuse=[0.5, 0.5, 0.5]
    )
    return spec


def _paint_ground(spec: mujoco.MjSpec) -> None:
    """Give the ground a chequered texture, so that motion over it can be seen."""
    spec.add_texture(
        name="ground",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=[0.82, 0.84, 0.86],
        rgb2=[0.74, 0.77, 0.80],
        width=128,
        height=128,
    )
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.95, 0.97, 1.0],
        rgb2=[0.75, 0.82, 0.9],
        width=64,
        height=384,
    )
    material = spec.add_material(name="ground", texuniform=True, texrepeat=[1, 1])
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "ground"
    ground = spec.geom("ground")
    ground.material, ground.rgba = "ground", [1, 1, 1, 1]
