# SPDX-License-Identifier: Apache-2.0
"""Observations, rewards and terminations as plain functions of states; tasks choose and weigh them."""
