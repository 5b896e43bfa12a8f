# SPDX-License-Identifier: Apache-2.0
"""MuJoCo Warp: all worlds on the GPU, or slowly on the CPU."""

import warp

# Warp prints a page about the machine when it starts, and a line for each kernel that it loads.
warp.config.log_level = warp.LOG_ERROR
warp.init()
