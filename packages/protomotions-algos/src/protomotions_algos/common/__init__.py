# SPDX-License-Identifier: Apache-2.0
"""What all algorithms share; nothing here knows a particular algorithm."""
