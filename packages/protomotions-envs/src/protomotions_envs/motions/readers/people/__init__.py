# SPDX-License-Identifier: Apache-2.0
"""Readers of people's motion, and of characters': a skeleton of their own."""
