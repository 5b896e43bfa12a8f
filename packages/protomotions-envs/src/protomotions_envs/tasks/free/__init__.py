# SPDX-License-Identifier: Apache-2.0
"""Robots that follow no reference: they move as they like, towards a goal, in the style of clips, or both."""
