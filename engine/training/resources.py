"""What a run takes of the machine: memory and use of the processor, and of the GPU where there is one."""

from __future__ import annotations

import os
import time

import psutil
import torch

from engine.training.events import Used

GPU_SECONDS = 1.0  # asking the driver takes a millisecond


class Resources:
    """Of this process, between two calls of `used`."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._process = psutil.Process()
        self._cores = os.cpu_count() or 1
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        self._asked = 0.0
        self._gpu_use: float | None = None

    def used(self) -> Used:
        """What is taken now; `cpu` since the last time."""
        cpu, wall = time.process_time(), time.perf_counter()
        share = (cpu - self._cpu) / max(wall - self._wall, 1e-9)
        self._cpu, self._wall = cpu, wall
        memory = int(self._process.memory_info().rss)
        if self._device.type != "cuda":
            return Used(share, self._cores, memory, int(psutil.virtual_memory().total))
        free, total = torch.cuda.mem_get_info(self._device)
        return Used(
            share,
            self._cores,
            memory,
            int(psutil.virtual_memory().total),
            self._use_of_gpu(wall),
            torch.cuda.max_memory_allocated(self._device),
            total - free,
            total,
        )

    def _use_of_gpu(self, now: float) -> float | None:
        if now - self._asked >= GPU_SECONDS:
            self._asked = now
            try:
                self._gpu_use = torch.cuda.utilization(self._device) / 100
            except (ModuleNotFoundError, RuntimeError):  # without nvidia-ml-py, or a driver that does not say
                self._gpu_use = None
        return self._gpu_use
