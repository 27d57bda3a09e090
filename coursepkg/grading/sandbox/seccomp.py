"""System calls that no answer needs, and which would go around the limits of the sandbox.

Memory that is shared, lies in a pipe or belongs to a file's attributes counts for no process; some
things are limited for the whole machine only; and what one process may do to another of the same
user, a question could do to those after it. Sockets, tracing and the newer doors to the kernel have
no place here at all. The filter is a program of the Linux kernel's classic BPF, as `man 2 seccomp`
describes it, for `bwrap --seccomp`.
"""

import errno
import platform
import struct

# name: its number on x86-64, on ARM64 (the kernel's tables)
REFUSED = {
    # memory beside the limits
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "splice": (275, 76),
    "tee": (276, 77),
    "vmsplice": (278, 75),
    # limited for the whole machine or user
    "io_setup": (206, 0),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    # the network, and doors to the kernel
    "socket": (41, 198),
    "socketpair": (53, 199),
    "syslog": (103, 116),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
OF_ITSELF = (302, 261)  # prlimit64: a process may limit itself, and no other
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH
OTHER_NUMBERS = 0x40000000  # from here on x86-64 has its calls a second time (x32)
LOAD, IF_EQUAL, IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where they stand in what the filter is given
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def program(machine=None):
    """The filter as bytes; empty on a machine whose numbers are not known here."""
    machine = machine or platform.machine()
    if machine not in MACHINES:
        return b""
    column, architecture = MACHINES[machine]
    numbers = [each[column] for each in REFUSED.values()]
    refuse = 4 + len(numbers) + 4  # the number of the last line; a jump counts from the next line
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (IF_EQUAL, 0, refuse - 2, architecture),
        (LOAD, 0, 0, NUMBER),
        (IF_AT_LEAST, refuse - 4, 0, OTHER_NUMBERS),
        *((IF_EQUAL, refuse - i, 0, number) for i, number in enumerate(numbers, start=5)),
        (IF_EQUAL, 0, 2, OF_ITSELF[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (IF_EQUAL, 0, 1, 0),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
