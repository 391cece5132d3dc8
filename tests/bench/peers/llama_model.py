# SPDX-License-Identifier: Apache-2.0
"""llama.cpp through its C interface: many sequences in one batch, greedy."""

import ctypes
import dataclasses
import pathlib

import llama_cpp
import numpy as np

_AUTO, _OFF, _ON = -1, 0, 1  # enum llama_flash_attn_type

# What llama.cpp has to say is kept off standard output and error; the callback must outlive it.
_silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
llama_cpp.llama_backend_init()


@dataclasses.dataclass(frozen=True)
class Settings:
    """`context` tokens for each of `sequences`; `unified`: one key-value buffer for all of them."""

    threads: int
    sequences: int
    context: int
    unified: bool = False
    flash_attention: bool = True
    max_batch: int = 512


class LlamaModel:
    """A model and its context. Not thread-safe: one thread calls Decode and what follows it."""

    def __init__(self, path: pathlib.Path, settings: Settings):
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
        if not self._model:
            raise SystemExit(f"llama.cpp cannot read {path}")
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self.vocabulary_size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = settings.context * settings.sequences
        parameters.n_batch = parameters.n_ubatch = settings.max_batch
        parameters.n_seq_max = settings.sequences
        parameters.n_threads = parameters.n_threads_batch = settings.threads
        parameters.kv_unified = settings.unified
        parameters.flash_attn_type = _ON if settings.flash_attention else _OFF
        parameters.no_perf = True
        self._context = llama_cpp.llama_init_from_model(self._model, parameters)
        if not self._context:
            raise SystemExit(f"llama.cpp cannot make a context of {settings}")
        self._memory = llama_cpp.llama_get_memory(self._context)
        self.max_batch = settings.max_batch
        self._batch = llama_cpp.llama_batch_init(settings.max_batch, 0, 1)
        shape = (settings.max_batch,)
        self._tokens = np.ctypeslib.as_array(self._batch.token, shape)
        self._positions = np.ctypeslib.as_array(self._batch.pos, shape)
        self._wanted = np.ctypeslib.as_array(self._batch.logits, shape)
        np.ctypeslib.as_array(self._batch.n_seq_id, shape)[:] = 1
        self._sequence_ids = [self._batch.seq_id[i] for i in range(settings.max_batch)]

    def close(self) -> None:
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def tokenize(self, text: str) -> list[int]:
        """Special tokens by their names, nothing added."""
        data = text.encode()
        tokens = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(self._vocabulary, data, len(data), tokens, len(tokens), False, True)
        if count < 0:
            raise ValueError("text too long")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for; none for a special one."""
        buffer = ctypes.create_string_buffer(64)
        size = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[:size]

    def ends_text(self, token: int) -> bool:
        return llama_cpp.llama_vocab_is_eog(self._vocabulary, token)

    def forget(self, sequence: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def copy(self, source: int, target: int) -> None:
        """`target` then begins with all that `source` holds."""
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def decode(self, items: list[tuple[int, int, list[int], bool]]) -> list[int]:
        """Runs (sequence, position of the first token, tokens, whether the next token is wanted) of several sequences.

        Returns the most probable next token of those that want one, in their order. At most max_batch tokens in all.
        """
        size, rows = 0, []
        for sequence, position, tokens, wanted in items:
            end = size + len(tokens)
            self._tokens[size:end] = tokens
            self._positions[size:end] = range(position, position + len(tokens))
            self._wanted[size:end] = 0
            for i in range(size, end):
                self._sequence_ids[i][0] = sequence
            if wanted:
                self._wanted[end - 1] = 1
                rows.append(end - 1)
            size = end
        self._batch.n_tokens = size
        status = llama_cpp.llama_decode(self._context, self._batch)
        if status != 0:
            raise RuntimeError(f"llama_decode: {status}")
        return [self._best_token(row) for row in rows]

    def _best_token(self, row: int) -> int:
        logits = llama_cpp.llama_get_logits_ith(self._context, row)
        return int(np.ctypeslib.as_array(logits, (self.vocabulary_size,)).argmax())
