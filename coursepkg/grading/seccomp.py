"""System calls that no answer needs, and which would go around the limits of the sandbox.

Memory that is shared (System V, `memfd_create`) belongs to no process and counts for none of their
limits; sockets, tracing and the newer doors to the kernel have no place here at all. The filter is
a program of the Linux kernel's classic BPF, as `man 2 seccomp` describes it, for `bwrap --seccomp`.
"""

import errno
import platform
import struct

# name: its number on x86-64, on ARM64 (the kernel's tables)
DENIED = {
    "shmget": (29, 194),
    "shmat": (30, 196),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "semget": (64, 190),
    "msgget": (68, 186),
    "ptrace": (101, 117),
    "mount": (165, 40),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "pidfd_getfd": (438, 438),
    "memfd_secret": (447, 447),
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH
OTHER_NUMBERS = 0x40000000  # from here on x86-64 has its calls a second time (x32)
LOAD, IF_EQUAL, IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def program(machine=None):
    """The filter as bytes; empty on a machine whose numbers are not known here."""
    machine = machine or platform.machine()
    if machine not in MACHINES:
        return b""
    column, architecture = MACHINES[machine]
    numbers = [each[column] for each in DENIED.values()]
    last = len(numbers) + 4  # where it allows; one further it refuses
    lines = [
        (LOAD, 0, 0, 4),  # the architecture that the call is made for
        (IF_EQUAL, 0, last + 1 - 2, architecture),
        (LOAD, 0, 0, 0),  # the number of the call
        (IF_AT_LEAST, last + 1 - 4, 0, OTHER_NUMBERS),
        *((IF_EQUAL, last + 1 - i, 0, number) for i, number in enumerate(numbers, start=5)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
