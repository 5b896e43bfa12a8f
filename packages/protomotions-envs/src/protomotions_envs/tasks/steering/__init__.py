# SPDX-License-Identifier: Apache-2.0
"""The task of walking in a given direction at a given speed."""
