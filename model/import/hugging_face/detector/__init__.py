# SPDX-License-Identifier: Apache-2.0
"""A detector of the family RT-DETR: its configuration, its preprocessing and its tensors."""
