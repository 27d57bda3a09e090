"""The frameworks that chapter 10 compares with. The rest of the course does without them."""

import importlib
import os

INSTALL = "`make frameworks` installs it"
SETTINGS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # no log of TensorFlow's on the page
    "TF_ENABLE_ONEDNN_OPTS": "0",  # its sums always in one order
    "TF_NUM_INTRAOP_THREADS": "1",  # one thread, as the rest of the course has
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",  # for JAX
}


def framework(name):
    """The module `name`, such as "torch"; None, after a line that says so, if it is not installed.

    Sets what it needs in the environment, unless it is set already. An installed framework that
    fails to start raises what it raises.
    """
    for variable, value in SETTINGS.items():
        os.environ.setdefault(variable, value)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        print(f"{name} is not here (it needs {error.name}); {INSTALL}. The chapter goes on.")
        return None
