# SPDX-License-Identifier: Apache-2.0
"""The task of going to places."""
