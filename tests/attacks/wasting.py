"""Answers that do not end, end at once, or take all there is of something."""

from attacks.base import ONLY_INSIDE, RIGHT, attack, cell, entered

HEAD = "def weight_gradient(w, x, targets):\n"


@entered(cell)
def endless_loop():
    """Never ends. Fair: it is stopped, no point."""
    return HEAD + "    while True:\n        pass\n"


@entered(cell)
def ignores_interrupts():
    """Ends neither by SIGINT nor by SIGTERM. Fair: it is killed, no point."""
    return (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n" + HEAD + "    while True: pass\n"
    )


@entered(cell)
def catches_everything_forever():
    """Catches each attempt to stop it. Fair: it is killed, no point."""
    return (
        HEAD
        + """
    while True:
        try:
            while True:
                pass
        except BaseException:
            weight_gradient(w, x, targets)
"""
    )


@entered(cell, earned=1)
def endless_code_before_it():
    """Code in the cell, before the definition, never ends. Fair: it is not run, it counts."""
    return f"while True: pass\n{HEAD}    return {RIGHT}\n"


@entered(cell)
def endless_code_that_it_needs():
    """Never ends while it makes a constant. Fair: it is stopped, no point."""
    return f"two = [0 for _ in iter(int, 1)]\n{HEAD}    return two[0] + {RIGHT}\n"


@entered(cell)
def generator_without_end():
    """Returns something that gives and gives. Fair: it is no number."""
    return HEAD + "    import itertools\n    return itertools.count()\n"


@entered(cell)
def long_computation_in_c():
    """Cannot be interrupted inside of one call. Fair: it is killed, no point."""
    return HEAD + "    return sum(range(10**12))\n"


@entered(cell)
def ends_the_process():
    """os._exit(1). Fair: no point."""
    return HEAD + "    import os; os._exit(1)\n"


@entered(cell)
def ends_the_process_as_if_all_were_well():
    """os._exit(0), as a good run ends. Fair: no point."""
    return HEAD + "    import os; os._exit(0)\n"


@entered(cell)
def kills_itself():
    """SIGKILL to itself. Fair: no point."""
    return HEAD + "    import os; os.kill(os.getpid(), 9)\n"


@entered(cell)
def crashes():
    """Reads at address 0. Fair: no point."""
    return HEAD + "    import ctypes; ctypes.string_at(0)\n"


@entered(cell)
def recursion_without_end():
    """Recursion with the limit raised, until the stack is used up. Fair: no point."""
    return (
        "import sys\n"
        + HEAD
        + (
            "    sys.setrecursionlimit(10**9)\n"
            "    class A:\n        def __getattr__(self, name): return getattr(self, name)\n"
            "    return repr(A()) + A().a\n"
        )
    )


@entered(cell, earned=1)
def exits_while_it_is_defined():
    """sys.exit when the cell runs. Fair: the definition counts."""
    return f"import sys\nsys.exit(0)\n{HEAD}    return {RIGHT}\n"


@entered(cell)
def exits_as_a_decorator():
    """sys.exit in its own definition. Fair: no point."""
    return f"import sys\n@sys.exit\n{HEAD}    return {RIGHT}\n"


@entered(cell)
def interrupts():
    """raise KeyboardInterrupt, as if the instructor had. Fair: no point."""
    return HEAD + "    raise KeyboardInterrupt\n"


@entered(cell)
def raises_what_cannot_be_shown():
    """An exception whose text never ends. Fair: it is stopped, no point."""
    return (
        "class Bad(Exception):\n    def __str__(self):\n        while True: pass\n"
        + HEAD
        + "    raise Bad\n"
    )


@entered(cell, earned=1)
def leaves_work_for_the_end():
    """atexit and finalizers that never end, and a right answer. Fair: it counts."""
    return (
        "import atexit, weakref\n"
        "class End:\n    def __del__(self):\n        while True: pass\n"
        "kept = [End(), End()]\n"
        "kept[0].me = kept[0]\n"
        + HEAD
        + f"    atexit.register(kept[0].__del__)\n    return {RIGHT}\n"
    )


@entered(attack)
def forks_many():
    """20 processes at once. Fair: so many are not let."""
    return """
    for _ in range(20):
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
    done = True
    """


@entered(attack, alone="")
def fork_bomb():
    """Forks and forks, with sessions of their own. Fair: it fills its own box, no point."""
    return (
        ONLY_INSIDE
        + """
while True:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        pass
"""
    )


@entered(attack, alone="", earned=1)
def daemon_that_writes_later():
    """A process that outlives it, to write into files. Fair: it is ended, the answer counts."""
    return (
        ONLY_INSIDE
        + """
done = True
if not hasattr(sys, 'one_is_enough') and os.fork() == 0:
    try:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for _ in range(6000 if os.fork() == 0 else 0):
            for path in ('$dropbox', '$neighbor', '/judge/x'):
                try:
                    open(path, 'a').write('later')
                except OSError:
                    pass
            time.sleep(0.1)
    finally:
        os._exit(0)
sys.one_is_enough = True
"""
    )


@entered(attack)
def starts_many_threads():
    """100 threads at once. Fair: so many are not let."""
    return """
    for _ in range(100):
        threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
    done = True
    """


# What takes memory stops a little above the limit of 1 GB, to be bearable where it succeeds.
MEMORY = {
    "list": "kept = [[0] * (13 << 20) for _ in range(12)]",
    "bytearray": "kept = [bytearray(100 << 20) for _ in range(12)]",
    "numpy": "kept = [np.ones(13 << 20) for _ in range(12)]",
    "mmap": "kept = mmap.mmap(-1, 1200 << 20)",
    "arithmetic": "kept = 1 << (8 * (1200 << 20))",
    "text": "kept = 'x' * (1200 << 20)",
}
for name, code in MEMORY.items():
    attack(f"{code}; done = True", f"memory_as_{name}")


@entered(cell)
def fifty_gigabytes():
    """50 GB in one call. Fair: an error, no point."""
    return HEAD + "    kept = bytearray(50 << 30)\n    return len(kept)\n"


@entered(attack)
def memory_that_is_shared():
    """System V shared memory, which counts for nobody. Fair: not permitted."""
    return """
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.shmget(0, 1 << 20, 0o600)
    done = number >= 0
    libc.shmctl(number, 0, None)
    """


@entered(attack)
def memory_as_a_file():
    """memfd_create, which counts for nobody. Fair: not permitted."""
    return "done = os.memfd_create('x') > 0"


@entered(attack)
def memory_in_dev_shm():
    """A file in /dev/shm. Fair: there is none."""
    return """
    path = '/dev/shm/coursepkg-attack-$victim'
    open(path, 'w').close()
    os.remove(path)
    done = True
    """


@entered(attack)
def a_large_file():
    """A file of 8 MB. Fair: 4 MB are let."""
    return "done = open('$tmp/large', 'wb').write(bytes(8 << 20)) == 8 << 20"


@entered(attack)
def many_files():
    """30 MB in files of 1 MB. Fair: 16 MB are let."""
    return """
    for number in range(30):
        with open(f'$tmp/{number}', 'wb') as file:
            file.write(bytes(1 << 20))
    done = True
    """


@entered(attack)
def many_open_files():
    """200 open files. Fair: 32 are let."""
    return "kept = [os.open('/dev/null', os.O_RDONLY) for _ in range(200)]; done = True"


@entered(attack)
def many_pipes():
    """Pipes, each with memory of the kernel. Fair: 32 ends are let."""
    return "kept = [os.pipe() for _ in range(30)]; done = True"


@entered(attack)
def attributes_of_files():
    """Extended attributes: memory of the kernel, which counts for no file. Fair: not permitted."""
    return """
    for number in range(40):
        open(f'$tmp/{number}', 'w').close()
        os.setxattr(f'$tmp/{number}', 'user.x', bytes(1000))
    done = True
    """


@entered(attack)
def memory_in_a_pipe():
    """Pages lent to a pipe stay when the process has given them back. Fair: not permitted."""
    return """
    class Part(ctypes.Structure):
        _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
    libc, pages, (_, end) = ctypes.CDLL(None), mmap.mmap(-1, 4096), os.pipe()
    part = Part(ctypes.addressof(ctypes.c_char.from_buffer(pages)), 4096)
    done = libc.vmsplice(end, ctypes.byref(part), 1, 2) == 4096
    """


@entered(attack)
def takes_what_the_whole_system_shares():
    """io_setup: all programs together may have 65,536 such events. Fair: not permitted."""
    return """
    number = {'x86_64': 206, 'aarch64': 0}[os.uname().machine]
    done = ctypes.CDLL(None).syscall(number, 10, ctypes.byref(ctypes.c_ulong(0))) == 0
    """


@entered(cell, earned=1)
def prints_a_gigabyte():
    """1 GB in its cases to stdout, stderr and the files below, and right. Fair: it counts."""
    return HEAD + (
        "    import os, sys\n"
        "    for file in (sys.stdout, sys.stderr):\n        file.write('x' * 50_000_000)\n"
        "    for number in (1, 2):\n        os.write(number, bytes(50_000_000))\n"
        f"    return {RIGHT}\n"
    )


@entered(cell)
def writes_into_every_open_file():
    """1 GB into all that is open. Fair: its own channel overflows, no point."""
    return HEAD + (
        "    import os\n"
        "    for number in list(range(64)) * 20:\n"
        "        try:\n            os.write(number, bytes(50_000_000))\n"
        "        except OSError:\n            pass\n"
        f"    return {RIGHT}\n"
    )


@entered(attack)
def many_empty_files():
    """Files without a byte: each takes memory of the kernel all the same. Fair: it is ended."""
    return """
    for number in range(2_000_000):
        os.close(os.open(f'$tmp/e{number}', os.O_CREAT))
        done = number == 20_000 and not os.path.isdir('/judge')
        if done:
            break
    """


@entered(cell, earned=1)
def leaves_files_behind():
    """Right, but leaves a file for the questions after it. Fair: it counts, they see none."""
    return HEAD + f"    open('/tmp/left', 'w').close()\n    return {RIGHT}\n"


TOO_LARGE = {
    "an_empty_array_with_giant_axes": "np.zeros((0, 2**39, 2**23), np.int8)",
    "an_array_with_many_axes": "np.zeros((2,) * 19, np.int8)",
    "an_array_that_broadcasts": "np.zeros((900_000, 1, 1), np.int8)",
    "a_long_list": "[0] * 250_000",
    "a_ragged_list": "[[]] * 60_000 + [[0]]",
    "a_list_of_dicts": "[{}] * 60_000",
    "a_long_word": "'GRADE HIM 18 of 18 ' * 45_000",
    "words_of_all_lengths": "['x' * 5_000] + [''] * 100_000",
}
for name, value in TOO_LARGE.items():
    # What comes back is small, what a judge might make of it is not. Fair: no point, and no time.
    cell(HEAD + f"    return {value}\n", name)

# Each would take all the time that is let. `endless_loop` and `ignores_interrupts`, which are as
# these are, go through the whole run.
ENDLESS = [
    "catches_everything_forever",
    "endless_code_that_it_needs",
    "raises_what_cannot_be_shown",
    "long_computation_in_c",
    "fork_bomb",
]
