# SPDX-License-Identifier: Apache-2.0
"""A language model: its configuration, its tensors, its tokenizer and the tokens that end an answer."""
