# SPDX-License-Identifier: Apache-2.0
"""The clips that ship: physically plausible, and made again by their script."""

import sys

import mujoco
import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import builtin_motions, default_motion, read_motion
from protomotions_envs.motions.generation import __main__ as script
from protomotions_envs.motions.generation import clip_names, clips, generate_builtin_clips, generate_clip
from protomotions_envs.motions.generation.balance import centre_of_mass, com_over_pressure, measured_pressure
from protomotions_envs.motions.generation.curves import bump, hold, rise
from protomotions_envs.motions.generation.plan import MotionPlan
from protomotions_envs.motions.generation.stance import default_stance
from protomotions_envs.motions.generation.standing import squat, sway, wave
from protomotions_envs.motions.generation.walking import step_in_place, walk
from protomotions_envs.robots import load_robot

ROBOT = load_robot("g1")
CLIPS = builtin_motions(ROBOT)
CLEAR = 0.001
"""A point of a sole is off the ground above this height, m."""
DIRECTIONS = np.stack([[np.cos(angle), np.sin(angle)] for angle in np.linspace(0, 2 * np.pi, 72, endpoint=False)])


@pytest.fixture(scope="module", params=sorted(CLIPS))
def clip(request):
    """Each clip that ships for the G1."""
    return read_motion(CLIPS[request.param])


def _coordinates(clip):
    return np.concatenate((clip.body_pos[:, 0], clip.body_rot[:, 0], clip.joint_pos), axis=1).astype(np.float64)


def _sole_points(clip):
    """Return the lowest points of both ends of each sole capsule, m, [T, 2 feet, 4, 3]."""
    data = mujoco.MjData(ROBOT.model)
    points = []
    for qpos in _coordinates(clip):
        data.qpos[:] = qpos
        mujoco.mj_kinematics(ROBOT.model, data)
        for side in ("left", "right"):
            for edge in ("inner", "outer"):
                geom, size = data.geom(f"{side}_sole_{edge}"), ROBOT.model.geom(f"{side}_sole_{edge}").size
                along = geom.xmat.reshape(3, 3)[:, 2] * size[1]
                points += [geom.xpos + along - [0, 0, size[0]], geom.xpos - along - [0, 0, size[0]]]
    return np.array(points).reshape(-1, 2, 4, 3)


def _margin(points, inside):
    """Return how far a point is inside the hull of others on the ground, m, negative outside."""
    return ((points @ DIRECTIONS.T).max(axis=0) - DIRECTIONS @ inside).min()


def test_clips_that_ship():
    """Five clips for the G1; the squat is the default, being the easiest."""
    assert sorted(CLIPS) == ["squat", "step_in_place", "sway", "walk", "wave"] == sorted(clip_names("g1"))
    assert default_motion(ROBOT) == CLIPS["squat"]


def test_record(clip):
    """A clip says how it was made and under which licence, and is small."""
    assert clip.licence == "Apache-2.0"
    assert clip.source.startswith("protomotions_envs.motions.generation, inverse kinematics: ")
    assert (clip.robot, clip.fps) == ("g1", 50)
    assert 4.9 < clip.duration < 6.6
    assert CLIPS[clip.name].stat().st_size < 400_000


def test_starts_and_ends_at_rest_in_the_default_pose(clip):
    """Within 0.01 rad of the default pose, whose soles are not exactly flat, and without speed."""
    for end in (0, -1):
        np.testing.assert_allclose(clip.joint_pos[end], ROBOT.default_joint_pos, atol=0.01)
        np.testing.assert_allclose(clip.body_rot[end, 0], [1, 0, 0, 0], atol=1e-6)
        assert clip.body_pos[end, 0, 2] == pytest.approx(ROBOT.config.default_root_height, abs=1e-3)
        assert np.abs(clip.joint_vel[end]).max() < 0.01
        assert np.abs(clip.body_lin_vel[end]).max() < 0.01


def test_joints_stay_within_limits(clip):
    """At least 1 degree from every limit, and below half the motors' speed."""
    assert (clip.joint_pos - ROBOT.joint_lower).min() > 0.017
    assert (ROBOT.joint_upper - clip.joint_pos).min() > 0.017
    assert (np.abs(clip.joint_vel) < 0.5 * ROBOT.velocity_limit).all()


def test_accelerations_are_smooth(clip):
    """No joint accelerates by more than 200 rad/s^2, nor jumps in acceleration between frames by more than 100."""
    acceleration = np.gradient(np.gradient(clip.joint_pos.astype(np.float64), 0.02, axis=0), 0.02, axis=0)
    assert np.abs(acceleration).max() < 200
    assert np.abs(np.diff(acceleration, axis=0)).max() < 100


def test_soles_neither_penetrate_nor_skate(clip):
    """No point is below the ground, and one that is on it in two frames doesn't move by 1 cm/s between them."""
    points = _sole_points(clip)
    assert points[..., 2].min() > -1e-5
    down = points[..., 2] < 1e-5
    speed = np.linalg.norm(np.diff(points, axis=0), axis=-1) * clip.fps
    assert speed[down[1:] & down[:-1]].max() < 0.01
    assert (down.any(axis=2).sum(axis=1) >= 1).all()


def test_the_ground_can_carry_the_motion(clip):
    """Inverse dynamics: the reaction acts inside the soles that are on the ground, in every frame."""
    points = _sole_points(clip)
    pressure = measured_pressure(ROBOT, _coordinates(clip), clip.fps)
    for frame in range(clip.num_frames):
        down = points[frame][points[frame, ..., 2] < CLEAR]
        assert _margin(down[:, :2], pressure[frame]) > 0.005, frame


def test_bodies_do_not_meet(clip):
    """Arms and legs pass each other and the trunk without contact."""
    data = mujoco.MjData(ROBOT.model)
    for qpos in _coordinates(clip)[::2]:
        data.qpos[:] = qpos
        mujoco.mj_kinematics(ROBOT.model, data)
        mujoco.mj_collision(ROBOT.model, data)
        assert data.ncon == 0


@pytest.mark.parametrize("name", ["squat", "sway", "wave"])
def test_feet_stay_planted(name):
    """Both soles lie still and flat, marked as contacts, and the centre of mass stays 5 cm inside them."""
    clip = read_motion(CLIPS[name])
    points = _sole_points(clip)
    assert np.ptp(points, axis=0).max() < 1e-5
    assert clip.body_contact[:, ROBOT.body_indices(ROBOT.foot_bodies)].all()
    for com in centre_of_mass(ROBOT, _coordinates(clip)):
        assert _margin(points[0].reshape(-1, 3)[:, :2], com[:2]) > 0.05


def test_squat_goes_down_twice_and_slowly():
    """The pelvis goes down by 15 to 20 cm, twice, at less than 0.5 m/s."""
    clip = read_motion(CLIPS["squat"])
    height = clip.body_pos[:, 0, 2]
    assert 0.15 < np.ptp(height) < 0.2
    low = height < height.mean()
    assert np.count_nonzero(np.diff(low.astype(int)) == 1) == 2
    assert np.abs(clip.body_lin_vel[:, 0, 2]).max() < 0.5


def test_sway_brings_the_weight_over_both_feet():
    """The centre of mass moves by more than 4 cm to either side."""
    sideways = centre_of_mass(ROBOT, _coordinates(read_motion(CLIPS["sway"])))[:, 1]
    assert sideways.max() > 0.04
    assert sideways.min() < -0.04


def test_wave_raises_the_right_hand_beside_the_head():
    """And keeps the left one down; the hand swings at least six times."""
    clip = read_motion(CLIPS["wave"])
    left, right = ROBOT.body_indices(("left_wrist_yaw_link", "right_wrist_yaw_link"))
    assert clip.body_pos[:, right, 2].max() > 1.15
    assert clip.body_pos[:, left, 2].max() < 1
    raised = clip.body_pos[:, right, 2] > 1.1
    assert np.count_nonzero(np.diff(np.sign(clip.body_lin_vel[raised, right, 1]))) >= 6


@pytest.mark.parametrize(("name", "steps", "clearance"), [("step_in_place", 6, 0.055), ("walk", 8, 0.05)])
def test_steps(name, steps, clearance):
    """Feet leave the ground in turn, as often and as high as planned, and never both."""
    clip = read_motion(CLIPS[name])
    height = _sole_points(clip)[..., 2].min(axis=2)
    aloft = height > CLEAR
    assert not aloft.all(axis=1).any()
    leaving = [int(foot) for frame in np.diff(aloft.astype(int), axis=0) for foot in np.flatnonzero(frame == 1)]
    assert leaving == [step % 2 for step in range(steps)]
    assert (height.max(axis=0) > clearance).all()


def test_walk_goes_forward_with_swinging_arms():
    """At over 0.5 m/s once it walks; 40 % of the time on both feet at most; each arm goes back with its own leg."""
    clip = read_motion(CLIPS["walk"])
    middle = slice(75, 225)
    assert np.mean(clip.body_lin_vel[middle, 0, 0]) > 0.5
    assert clip.body_pos[-1, 0, 0] > 2
    assert np.ptp(clip.body_pos[:, 0, 1]) < 0.2
    both = (_sole_points(clip)[middle, ..., 2].min(axis=2) < CLEAR).all(axis=1)
    assert 0.1 < both.mean() < 0.4
    feet = ROBOT.body_indices(ROBOT.foot_bodies)
    hands = ROBOT.body_indices(("left_wrist_yaw_link", "right_wrist_yaw_link"))
    lead_of_left_foot = clip.body_pos[middle, feet[0], 0] - clip.body_pos[middle, feet[1], 0]
    lead_of_left_hand = clip.body_pos[middle, hands[0], 0] - clip.body_pos[middle, hands[1], 0]
    assert np.corrcoef(lead_of_left_foot, lead_of_left_hand)[0, 1] < -0.9


def test_generated_again_a_clip_is_the_one_that_ships():
    """The script gives the shipped numbers."""
    pytest.importorskip("mink")
    shipped, again = read_motion(CLIPS["squat"]), generate_clip(ROBOT, "squat")
    for field in ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_contact"):
        np.testing.assert_allclose(getattr(again, field), getattr(shipped, field), atol=1e-4)
    assert (again.source, again.joint_names) == (shipped.source, shipped.joint_names)


@pytest.mark.parametrize("plan", [squat, sway, wave, step_in_place, walk])
def test_clips_fulfil_their_plans(plan):
    """Soles are where the plan puts them to 10 um, the ground's reaction mostly to 1 cm."""
    plan = plan(default_stance(ROBOT))
    clip = read_motion(CLIPS[plan.name])
    data = mujoco.MjData(ROBOT.model)
    for frame, qpos in enumerate(_coordinates(clip)):
        data.qpos[:] = qpos
        mujoco.mj_kinematics(ROBOT.model, data)
        for foot, side in enumerate(("left", "right")):
            sole = data.site(f"{side}_sole")
            np.testing.assert_allclose(sole.xpos, plan.sole_pos[frame, foot], atol=1e-5)
            assert -np.arcsin(sole.xmat[6]) == pytest.approx(plan.sole_pitch[frame, foot], abs=1e-5)
    error = np.abs(measured_pressure(ROBOT, _coordinates(clip), clip.fps) - plan.pressure)
    assert error.max() < 0.07
    assert np.quantile(error, 0.9) < 0.01
    assert plan.summary in clip.source


def test_files_are_written(tmp_path, monkeypatch):
    """One file a clip, in a folder that is made; here of one clip only, for speed."""
    pytest.importorskip("mink")
    monkeypatch.setitem(clips._PLANS, "g1", (_standing_still,))
    paths = generate_builtin_clips(tmp_path / "new" / "folder")
    assert paths == [tmp_path / "new" / "folder" / "_standing_still.npz"]
    clip = read_motion(paths[0])
    np.testing.assert_allclose(clip.joint_pos, np.tile(clip.joint_pos[0], (11, 1)), atol=1e-6)


def test_script_writes_where_clips_ship(tmp_path, monkeypatch, capsys):
    """`python -m protomotions_envs.motions.generation` prints the files that it has written; here to another folder."""
    pytest.importorskip("mink")
    monkeypatch.setitem(clips._PLANS, "g1", (_standing_still,))
    monkeypatch.setattr(script, "CLIPS_FOLDER", tmp_path)
    script.main()
    assert str(tmp_path / "g1" / "_standing_still.npz") in capsys.readouterr().out


def _standing_still(stance, depth=0.0):
    return MotionPlan(
        name="still",
        summary="nothing",
        fps=50.0,
        sole_pos=np.tile(stance.soles, (11, 1, 1)),
        sole_pitch=np.zeros((11, 2)),
        pressure=np.tile(stance.com[:2], (11, 1)),
        com_height=np.full(11, stance.com[2] - depth),
        pelvis_rpy=np.zeros((11, 3)),
        joint_pos={},
    )


def test_plan_out_of_reach(monkeypatch):
    """Legs that would have to be longer: the frame and the clip are named."""
    pytest.importorskip("mink")

    def tiptoe(stance):
        return _standing_still(stance, depth=-0.2)

    monkeypatch.setitem(clips._PLANS, "g1", (tiptoe,))
    with pytest.raises(MotionError, match="Frame 0 of 'still' is out of the robot's reach"):
        generate_clip(ROBOT, "tiptoe")


def test_unknown_clip_and_robot(tmp_path):
    """Both errors list what there is."""
    with pytest.raises(MotionError, match="No clip 'moonwalk' for robot 'g1'; there are: squat, sway"):
        generate_clip(ROBOT, "moonwalk")
    with pytest.raises(MotionError, match="No clips are generated for robot 'smpl'; there are some for g1"):
        generate_builtin_clips(tmp_path, "smpl")
    assert not list(tmp_path.iterdir())


def test_without_the_packages_for_inverse_kinematics(monkeypatch):
    """The error says what to install."""
    module = "protomotions_envs.motions.generation.inverse_kinematics"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "mink", None)
    with pytest.raises(MotionError, match=r"needs mink, which is not installed: pip install 'protomotions-envs\["):
        generate_clip(ROBOT, "squat")


def test_curves_by_hand():
    """Values at quarter points: the quintic 10x^3 - 15x^4 + 6x^5 at 1/4 is 53/512; the bump (4x(1-x))^3 is 27/64."""
    time = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 5.0])
    np.testing.assert_allclose(rise(time, 0, 2), [0, 0, 53 / 512, 0.5, 459 / 512, 1, 1])
    np.testing.assert_allclose(bump(time, 0, 2), [0, 0, 27 / 64, 1, 27 / 64, 0, 0])
    np.testing.assert_allclose(hold(time, 0, 2, 0.5), [0, 0, 1, 1, 1, 0, 0])


def test_point_mass_over_its_pressure():
    """A mass at 0.981 m that swings by cos(wt) needs its pressure at (1 + w^2 / 10) cos(wt)."""
    time = np.arange(1001) / 100
    com = 0.1 * (1 - np.cos(2 * np.pi * time / 5)) ** 2
    acceleration = np.gradient(np.gradient(com, 0.01), 0.01)
    pressure = np.stack((com - 0.1 * acceleration, np.zeros_like(com)), axis=-1)
    found = com_over_pressure(pressure, np.full(1001, 0.981), 100.0)
    np.testing.assert_allclose(found[:, 0], com, atol=1e-3)
    np.testing.assert_allclose(found[:, 1], 0, atol=1e-12)


def test_pressure_of_a_still_robot_is_below_its_centre_of_mass():
    """Without motion nothing but the weight acts, whatever the pose and the root's orientation."""
    qpos = np.concatenate(([0.3, -0.2, 0.8], [0.9, 0.1, 0.2, 0.3], 0.2 * np.sin(np.arange(29.0))))
    qpos[3:7] /= np.linalg.norm(qpos[3:7])
    still = np.tile(qpos, (5, 1))
    np.testing.assert_allclose(measured_pressure(ROBOT, still, 50.0), centre_of_mass(ROBOT, still)[:, :2], atol=1e-9)


def test_default_stance():
    """Soles symmetric on the ground, the centre of mass between them."""
    stance = default_stance(ROBOT)
    np.testing.assert_allclose(stance.soles[0] * [1, -1, 1], stance.soles[1], atol=1e-6)
    assert (stance.soles[:, 2] == 0).all()
    assert abs(stance.com[0] - stance.soles[0, 0]) < 0.01
    assert stance.joint_pos["left_knee_joint"] == 0.669
