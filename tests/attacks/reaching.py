"""Answers that reach out of their process: to read, to write, to end others, to talk to others.

They would be right if they succeeded. Fair is: no point for them, and all other answers count.
"""

from attacks.base import ONLY_INSIDE, attack, entered


def reads(name, path, alone="done"):
    """Reads a file that is none of its business. Fair: nothing is read, no point."""
    attack(f"done = len(open({path!r}, 'rb').read(1)) > 0", name, alone)


for name in ("solution", "exercise", "gradebook", "neighbor", "seed", "checks", "home_file"):
    reads(f"reads_{name}", f"${name}")
reads("reads_passwd", "/etc/passwd")
reads("reads_environment_of_a_process", "/proc/$victim/environ")
reads("reads_memory_map_of_process_1", "/proc/1/maps", alone="")
reads("reads_memory_of_process_1", "/proc/1/mem", alone="")
reads("reads_own_status", "/proc/self/status")


def writes(name, path):
    """Appends to a file that is none of its business. Fair: it stays as it is, no point."""
    attack(f"open({path!r}, 'ab').write(b'# I was here'); done = True", name)


for name in ("gradebook", "neighbor", "home_file", "dropbox"):
    writes(f"writes_{name}", f"${name}")


@entered(attack)
def lists_the_home():
    """Lists a home and walks up to the root. Fair: it is not there."""
    return "done = bool(os.listdir('$home'))"


@entered(attack)
def removes_everything_in_the_home():
    """Removes what it finds. Fair: it finds nothing."""
    return """
    for name in os.listdir('$spoils'):
        os.remove(os.path.join('$spoils', name))
        done = True
    """


@entered(attack)
def hard_link_to_a_neighbor():
    """Links somebody's file into its own folder, to change it later. Fair: no such file."""
    return "os.link('$neighbor', '$tmp/link'); done = os.path.exists('$tmp/link')"


@entered(attack, alone="")
def writes_into_the_judge():
    """Replaces the files it is judged with, for the questions that follow. Fair: read-only."""
    return (
        ONLY_INSIDE
        + """
for name in ('/judge/coursepkg/checks/running/run.py', '/judge/x', '/usr/lib/x', '/x', '/dev/x'):
    try:
        open(name, 'w').write('')
        done = True
    except OSError:
        pass
"""
    )


@entered(attack)
def reads_a_secret_in_the_environment():
    """Looks for the instructor's tokens. Fair: the environment is empty."""
    return "done = 'ATTACK_SECRET' in os.environ or os.getenv('PATH') == '$path'"


@entered(attack)
def starts_a_shell():
    """Runs a program of the system. Fair: there is none."""
    return "done = subprocess.run(['/bin/sh', '-c', 'exit 7']).returncode == 7"


@entered(attack)
def reads_the_memory_of_a_process():
    """process_vm_readv, by ctypes. Fair: not permitted, and no such process."""
    return """
    libc, here = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(8)
    class Part(ctypes.Structure):
        _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
    local = Part(ctypes.addressof(here), 8)
    there = Part(int('$address'), 8)
    done = libc.process_vm_readv(int('$victim'), ctypes.byref(local), 1,
                                 ctypes.byref(there), 1, 0) == 8
    """


@entered(attack)
def traces_a_process():
    """ptrace, by ctypes; outside, the stand-in. Fair: not permitted."""
    return """
    ptrace = ctypes.CDLL(None).ptrace
    ptrace.restype, ptrace.argtypes = ctypes.c_long, [ctypes.c_long] * 4
    done = ptrace(16, int('$victim'), 0, 0) == 0
    if done:
        os.waitpid(int('$victim'), 0)
        ptrace(17, int('$victim'), 0, 0)
    """


@entered(attack, alone="")
def traces_process_1():
    """ptrace and process memory of the launcher. Fair: not permitted."""
    return (
        ONLY_INSIDE
        + """
libc = ctypes.CDLL(None)
done = libc.ptrace(16, 1, 0, 0) == 0 or libc.ptrace(0, 0, 0, 0) == 0
fd = os.pidfd_open(1)
for number in range(16):
    done = done or libc.syscall(438, fd, number, 0) >= 0
"""
    )


@entered(attack)
def kills_a_process():
    """SIGKILL to another process of this machine. Fair: it cannot be seen from inside."""
    return """
    os.kill(int('$victim'), signal.SIGKILL)
    done = True
    """


@entered(attack)
def stops_a_process():
    """SIGSTOP to another process of this machine. Fair: it cannot be seen from inside."""
    return """
    os.kill(int('$victim'), signal.SIGSTOP)
    done = True
    os.kill(int('$victim'), signal.SIGCONT)
    """


@entered(attack, alone="parent dies", earned=1)
def kills_its_parent():
    """SIGKILL to the parent, and a right answer. Fair: the parent lives, and it counts."""
    return "os.kill(os.getppid(), signal.SIGKILL); done = True"


@entered(attack, alone="parent stops", earned=1)
def stops_its_parent():
    """SIGSTOP to the parent, and a right answer. Fair: the parent goes on, and it counts."""
    return "os.kill(os.getppid(), signal.SIGSTOP); done = True"


@entered(attack, alone="", earned=1)
def kills_process_1_in_all_ways():
    """Every signal to process 1, and a right answer. Fair: it has no effect, the answer counts."""
    return (
        ONLY_INSIDE
        + """
for number in range(1, 65):
    try:
        os.kill(1, number)
    except OSError:
        pass
done = True
"""
    )


@entered(attack, alone="", earned=1)
def kills_everybody():
    """SIGKILL to all processes, -1. Fair: nobody else is there, and the answer counts."""
    return ONLY_INSIDE + "done = True; os.kill(-1, signal.SIGKILL)"


@entered(attack, alone="limits parent", earned=1)
def limits_its_parent():
    """Leaves the launcher two processes, so that all later answers fail. Fair: they count."""
    return """
    done = True
    resource.prlimit(os.getppid(), resource.RLIMIT_NPROC, (2, 2))
    """


@entered(attack)
def talks_to_a_port():
    """TCP to this machine. Fair: there is no network."""
    return """
    connection = socket.create_connection(('127.0.0.1', int('$port')), timeout=2)
    done = connection.send(b'seed') == 4
    """


@entered(attack)
def talks_to_a_socket_file():
    """A UNIX socket in a folder, as of Docker. Fair: it is not there."""
    return """
    connection = socket.socket(socket.AF_UNIX)
    connection.connect('$socket')
    done = True
    """


@entered(attack)
def talks_to_an_abstract_socket():
    """A UNIX socket without a file, as of a desktop's bus. Fair: another network."""
    return r"""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect('\0' + '$abstract')
    done = True
    """


@entered(attack)
def opens_a_port():
    """Waits for somebody to call. Fair: no sockets at all."""
    return """
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen()
    done = True
    """


@entered(attack)
def asks_for_a_name():
    """Sends a datagram, as a question for a name does. Fair: no sockets at all."""
    return """
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    done = sender.sendto(b'seed', ('127.0.0.1', int('$port'))) == 4
    """


@entered(attack)
def imports_the_right_answers():
    """Imports what knows them, from the project's folder. Fair: it is not there."""
    return """
    sys.path[:0] = ['$project']
    sys.modules.pop('coursepkg.checks', None)
    sys.modules.pop('coursepkg', None)
    from coursepkg.checks.banks import one_weight
    done = one_weight.weight_gradient(1.0, x, targets) is not None
    """


@entered(attack)
def finds_the_solutions_anywhere():
    """Walks through all the files there are. Fair: none holds the answers."""
    return """
    for top in ('/judge', '/usr/lib', '/tmp', '$project/solutions'):
        for folder, _, names in os.walk(top):
            done = done or any(name in ('03_one_weight.ipynb', 'one_weight.py') for name in names)
    """
