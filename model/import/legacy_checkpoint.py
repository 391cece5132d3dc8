# SPDX-License-Identifier: Apache-2.0
"""Reads PyTorch's pre-1.6 checkpoint file without PyTorch and without running what is pickled in it.

The format is a magic number, a protocol version, system facts, the object (tensors refer to storages by key), the storage
keys, then each storage: an element count and the raw little-endian elements.
"""

import collections
import pickle
import struct

import numpy as np

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Tensor:
    """A tensor whose storage has not been read yet."""

    def __init__(self, storage, offset, size, stride, requires_grad=False, backward_hooks=None, metadata=None):
        del requires_grad, backward_hooks, metadata
        self.key, self.offset, self.size, self.stride = storage, offset, size, stride


class _Unpickler(pickle.Unpickler):
    """Knows four names; any other is an error, so that no code from the file can run."""

    def __init__(self, file, storages):
        super().__init__(file)
        self._storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"checkpoint: the name {module}.{name} is not allowed")

    def persistent_load(self, pid):
        kind, dtype, key, _location, _count, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"checkpoint: expected a whole storage, got {pid!r}")
        self._storages[key] = dtype
        return key


def read(path):
    """Returns {name: numpy array} of the state dict stored at `path`."""
    dtypes = {}
    with open(path, "rb") as file:
        magic = _Unpickler(file, dtypes).load()
        if magic != _MAGIC:
            raise ValueError(f"{path}: not a legacy PyTorch checkpoint")
        _Unpickler(file, dtypes).load()  # protocol version
        _Unpickler(file, dtypes).load()  # system facts
        tensors = _Unpickler(file, dtypes).load()
        keys = _Unpickler(file, dtypes).load()
        storages = {}
        for key in keys:
            (count,) = struct.unpack("<q", file.read(8))
            storages[key] = np.frombuffer(file.read(count * dtypes[key].itemsize), dtypes[key], count)
    result = {}
    for name, tensor in tensors.items():
        data = storages[tensor.key]
        strides = [s * data.itemsize for s in tensor.stride]
        result[name] = np.lib.stride_tricks.as_strided(data[tensor.offset :], tensor.size, strides).copy()
    return result
