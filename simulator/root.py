"""A thread of root for which permissions count as for everybody else (Linux).

Root may write wherever it likes, by a capability that the kernel keeps for each thread. A sync that runs in a thread of
a harness that runs as root (in a container, say) is started without it, so that its disk can be full all the same.
Source: capabilities(7), capset(2).
"""

import ctypes
import os
import sys
from concurrent.futures import ThreadPoolExecutor

_VERSION_3 = 0x20080522
_DAC_OVERRIDE = 1 << 1
"""CAP_DAC_OVERRIDE: to write and search whatever the permissions say. Reading everything is another one, and stays."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


class PowerlessError(Exception):
    """This system does not let a thread of root do without its powers."""


def is_almighty() -> bool:
    """Tell whether this process may write wherever it likes."""
    return os.geteuid() == 0


def check_permissions_can_count() -> None:
    """See whether a thread of this process could heed permissions; tried in a thread that ends with it.

    Raises:
        PowerlessError: it could not.
    """
    with ThreadPoolExecutor(1) as executor:
        executor.submit(heed_permissions).result()


def heed_permissions() -> None:
    """Let permissions count for the calling thread and those that it starts from now on, for as long as they live.

    Raises:
        PowerlessError: that cannot be had here.
    """
    if not sys.platform.startswith("linux"):
        raise PowerlessError(f"only Linux keeps the powers of root for each thread, and this is {sys.platform}")
    library = ctypes.CDLL(None, use_errno=True)
    header, data = _Header(_VERSION_3, 0), (_Data * 2)()
    if library.capget(ctypes.byref(header), data) == 0:
        data[0].effective &= ~_DAC_OVERRIDE
        if library.capset(ctypes.byref(header), data) == 0:
            return
    raise PowerlessError(os.strerror(ctypes.get_errno()))
