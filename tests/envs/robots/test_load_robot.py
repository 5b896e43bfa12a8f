# SPDX-License-Identifier: Apache-2.0
"""Robots by name and by path, and what is wrong with those that can't be used."""

from dataclasses import replace

import numpy as np
import pytest

from protomotions_envs.errors import RobotError
from protomotions_envs.robots import JointDrive, Robot, load_robot, robot_names

WALKER = """<mujoco>
  <compiler angle="radian"/>
  <asset><mesh name="wedge" vertex="0 0 0  0.1 0 0  0 0.1 0  0 0 0.1"/></asset>
  <worldbody>
    <light pos="0 0 3"/>
    <geom name="floor" type="plane" size="0 0 1"/>
    <body name="table" pos="2 0 0"><geom name="top" type="box" size="0.5 0.5 0.1"/></body>
    <body name="hips" pos="0 0 2">
      <freejoint/>
      <geom type="sphere" size="0.1" mass="5"/>
      <body name="left_shin" pos="0 0.1 0">
        <joint name="left_knee" axis="0 1 0" range="-0.5 2" stiffness="9" damping="0.5"/>
        <geom type="capsule" fromto="0 0 0 0 0 -0.4" size="0.05" mass="1"/>
        <body name="left_foot" pos="0 0 -0.4">
          <joint name="left_ankle" axis="0 1 0" armature="0.01" frictionloss="0.2"/>
          <geom type="box" size="0.1 0.05 0.05" pos="0 0 -0.05" mass="1"/>
        </body>
      </body>
      <body name="right_shin" pos="0 -0.1 0">
        <joint name="right_knee" axis="0 1 0" range="-0.5 2" stiffness="70" damping="7" actuatorfrcrange="-30 30"/>
        <geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.05" mass="1"/>
      </body>
      <body name="trunk" pos="0 0 0.2">
        <joint name="waist" axis="0 0 1"/>
        <geom type="mesh" mesh="wedge" mass="4"/>
        <body name="Head" pos="0 0 0.3"><geom size="0.1" mass="1"/></body>
        <body name="l_hand" pos="0 0.4 0"><geom size="0.03" mass="1"/></body>
      </body>
    </body>
  </worldbody>
  <contact><pair geom1="floor" geom2="top"/></contact>
  <actuator>
    <position joint="left_knee" kp="100" kv="10" forcerange="-40 40" gear="2"/>
    <motor joint="left_ankle" gear="20" ctrlrange="-1 1"/>
  </actuator>
  <sensor><jointpos joint="waist"/></sensor>
  <keyframe><key qpos="0 0 1 1 0 0 0 0.3 0 0 0"/></keyframe>
</mujoco>"""


@pytest.fixture
def walker(tmp_path):
    """An MJCF file of a small robot in a scene."""
    path = tmp_path / "walker.xml"
    path.write_text(WALKER)
    return path


def _edited(path, old, new):
    assert old in WALKER
    path.write_text(WALKER.replace(old, new))
    return path


def _drive(robot, joint):
    index = robot.joint_names.index(joint)
    columns = (robot.stiffness, robot.damping, robot.effort_limit, robot.armature, robot.friction_loss)
    return [float(column[index]) for column in columns]


def test_built_in_names():
    """The names are sorted and include the robots of this version."""
    assert list(robot_names()) == sorted(robot_names())
    assert {"amp", "g1", "h1", "h1_2", "smpl"} <= set(robot_names())


def test_unknown_name_lists_robots_and_suggests_the_nearest():
    """A typing error gets the name that was meant."""
    listed = ", ".join(robot_names())
    with pytest.raises(RobotError, match=rf"Unknown robot 'smlp'\. Did you mean 'smpl'\? Robots: {listed}, or a path"):
        load_robot("smlp")


def test_unknown_name_unlike_any():
    """Without a near name the robots are still listed."""
    with pytest.raises(RobotError, match=rf"Unknown robot 'zzzz'\. Robots: {', '.join(robot_names())}"):
        load_robot("zzzz")


def test_path_is_a_robot_named_by_the_file(walker):
    """The scene is gone: its floor, table, light, contact pair, sensor, keyframe and actuators."""
    robot = load_robot(walker)
    assert robot.name == "walker"
    assert robot.body_names == ("hips", "left_shin", "left_foot", "right_shin", "trunk", "Head", "l_hand")
    assert robot.joint_names == ("left_knee", "left_ankle", "right_knee", "waist")
    model = robot.model
    assert (model.nlight, model.nsensor, model.nkey, model.npair, model.nu) == (0, 0, 0, 0, 4)
    assert (model.geom_bodyid > 0).all()


def test_path_may_be_a_string(walker):
    """As the command line gives it."""
    assert load_robot(str(walker)).name == "walker"


def test_gains_of_a_position_actuator(walker):
    """A gear of 2 counts twice: in the length the actuator sees and in its force; the joint's damper is added."""
    stiffness, damping, effort, *_ = _drive(load_robot(walker), "left_knee")
    assert (stiffness, damping, effort) == (400, 40.5, 80)


def test_gains_of_a_passive_joint(walker):
    """A joint's spring and damper are its drive where no actuator gives one, as in models for Isaac Gym."""
    robot = load_robot(walker)
    assert _drive(robot, "right_knee")[:3] == [70, 7, 30]
    assert not robot.model.jnt_stiffness.any()


def test_gains_by_inertia(walker):
    """A motor gives the effort; gains follow from armature + box inertia about the ankle, or from the weight."""
    stiffness, damping, effort, armature, friction = _drive(load_robot(walker), "left_ankle")
    # Box of 1 kg: (0.2^2 + 0.1^2) / 12 + 0.05^2 m^2 about the ankle; 0.1 m times the weight of 14 kg is more.
    inertia = 0.01 + 0.05 / 12 + 0.0025
    assert inertia * (8 * np.pi) ** 2 < 0.1 * 14 * 9.81
    assert stiffness == pytest.approx(0.1 * 14 * 9.81, rel=1e-6)
    assert damping == pytest.approx(2 * stiffness / (8 * np.pi), rel=1e-6)
    assert (effort, armature, friction) == (20, 0.01, 0.2)


def test_effort_defaults_to_500(walker):
    """A joint without any actuator or limit."""
    assert _drive(load_robot(walker), "waist")[2] == 500


def test_unknown_drives_count_as_stiff(walker):
    """Gains of a file may be stiff for its limbs; a damping of 40.5 over 5 ms is worth 0.2025 kg m^2."""
    robot = load_robot(walker)
    assert -robot.model.actuator_biasprm[0, 2] == 40.5
    assert robot.model.dof_armature[6] - robot.armature[0] == pytest.approx(0.2025)


def test_default_pose_is_the_keyframe_standing(walker):
    """The first keyframe's angles; the lower of both feet is on the ground: the right shin, 0.5 + 0.05 m long."""
    robot = load_robot(walker)
    np.testing.assert_allclose(robot.default_joint_pos, [0.3, 0, 0, 0])
    assert robot.config.default_root_height == pytest.approx(0.55)


def test_limits_of_a_joint_without_range(walker):
    """One turn either way."""
    robot = load_robot(walker)
    np.testing.assert_allclose([robot.joint_lower[3], robot.joint_upper[3]], [-2 * np.pi, 2 * np.pi])


def test_roles_by_name_and_by_place(walker):
    """Names where they tell; else the lowest colliding body and the outermost body of a side."""
    config = load_robot(walker).config
    assert config.left_foot_bodies == ("left_foot",)
    assert config.right_foot_bodies == ("right_shin",)
    assert config.left_hand_bodies == ("l_hand",)
    assert len(config.right_hand_bodies) == 1
    assert (config.head_body, config.torso_body, config.anchor_body) == ("Head", "trunk", "hips")
    assert {"trunk", "Head", "left_foot", "right_shin", "l_hand"} <= set(config.key_bodies)


def test_root_without_a_joint_becomes_free(walker):
    """Files for Isaac Gym leave the free joint out."""
    path = _edited(walker, "<freejoint/>", "")
    path.write_text(path.read_text().replace('qpos="0 0 1 1 0 0 0 0.3', 'qpos="0.3'))
    assert load_robot(path).model.nq == 7 + 4


def test_meshes_beside_the_file_are_loaded(walker):
    """A mesh file is found relative to the model."""
    vertices = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    faces = ["1 2 3", "1 2 4", "1 3 4", "2 3 4"]
    lines = [f"v {x} {y} {z}" for x, y, z in vertices] + [f"f {face}" for face in faces]
    (walker.parent / "wedge.obj").write_text("\n".join(lines))
    path = _edited(walker, '<mesh name="wedge" vertex="0 0 0  0.1 0 0  0 0.1 0  0 0 0.1"/>', '<mesh file="wedge.obj"/>')
    assert load_robot(path).model.nmesh == 1


@pytest.mark.parametrize(("name", "bodies", "joints", "mass"), [("amp_humanoid", 15, 36, 49.5), ("h1_2", 29, 27, 67.3)])
def test_files_of_other_projects(shared_data, name, bodies, joints, mass):
    """Their numbers of bodies and joints and their masses are those measured by others."""
    robot = load_robot(shared_data / "robots" / f"{name}.xml")
    assert (robot.num_bodies, robot.num_joints) == (bodies, joints)
    assert robot.mass == pytest.approx(mass, abs=0.1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (WALKER, "<mujoco><worldbody>", "walker.xml is not a readable MJCF model"),
        (WALKER, "<mujoco/>", "walker.xml must hold one robot, .* it holds: none"),
        ('<body name="table" pos="2 0 0">', '<body name="table" pos="2 0 0"><freejoint/>', "it holds: table, hips"),
        ('<joint name="waist" axis="0 0 1"/>', '<joint name="waist" type="ball"/>', "hinges elsewhere; .*waist"),
        ("<freejoint/>", '<joint name="lift" type="slide"/>', "free joint at its root"),
        ('joint name="waist"', "joint", "must name every body and joint; .*trunk"),
        ('<body name="trunk"', "<body", "must name every body and joint"),
        ('<mesh name="wedge" vertex="0 0 0  0.1 0 0  0 0.1 0  0 0 0.1"/>', '<mesh file="wedge.stl"/>', "wedge.stl"),
        ('mass="5"', 'mass="-5"', "walker.xml"),
    ],
)
def test_files_that_cannot_be_used(walker, old, new, message):
    """The error is one line that names the file or the part that is wrong."""
    path = _edited(walker, old, new)
    if "joint" in new and "worldbody" not in old:
        # Sensor and keyframe don't fit the other joints; not what is tested here.
        text = path.read_text()
        path.write_text(text[: text.index("<sensor>")] + "</mujoco>")
    with pytest.raises(RobotError, match=message) as raised:
        load_robot(path)
    assert "\n" not in str(raised.value)


def test_missing_file(tmp_path):
    """The path is named."""
    with pytest.raises(RobotError, match=r"No such robot model: .*nobody\.xml"):
        load_robot(tmp_path / "nobody.xml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drives": {"left_.*": JointDrive(1, 1, 1, 1)}}, "Joint 'right_hip_pitch_joint' .* 0 patterns"),
        ({"drives": {".*": JointDrive(1, 1, 1, 1), "left.*": JointDrive(1, 1, 1, 1)}}, "matches 2 patterns"),
        ({"default_joint_pos": {"tail": 0.1}}, "'tail', which matches no joint"),
        ({"default_joint_pos": {"left_knee_joint": -1.0}}, "outside the limits of left_knee_joint"),
        ({"head_body": "halo"}, "names bodies that g1.xml lacks: halo"),
    ],
)
def test_facts_that_do_not_fit_the_model(change, message):
    """A pattern, an angle or a body name that is wrong is named."""
    config = replace(load_robot("g1").config, **change)
    with pytest.raises(RobotError, match=message):
        Robot(config)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"timestep": 0.0}, "positive timestep"),
        ({"decimation": 0}, "decimation of at least 1"),
        ({"drives": {"(": JointDrive(1, 1, 1, 1)}}, r"'\(', a pattern of robot 'g1'"),
    ],
)
def test_facts_that_are_wrong_in_themselves(change, message):
    """Refused when the facts are written down."""
    with pytest.raises(RobotError, match=message):
        replace(load_robot("g1").config, **change)


@pytest.mark.parametrize("numbers", [(0, 1, 1, 1), (1, -1, 1, 1), (1, 1, 0, 1), (float("nan"), 1, 1, 1)])
def test_impossible_drive(numbers):
    """A drive without stiffness or effort, or with a negative or undefined number."""
    with pytest.raises(RobotError, match="A drive needs"):
        JointDrive(*numbers)


def test_unknown_body_index():
    """Asking for a body that isn't there names it and lists those that are."""
    robot = load_robot("g1")
    assert robot.body_indices(("pelvis", "left_hip_roll_link")) == [0, 2]
    with pytest.raises(RobotError, match="no body tail; its bodies are pelvis, left_hip"):
        robot.body_indices(("pelvis", "tail"))
