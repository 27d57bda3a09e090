"""Answers that want points without being right: they patch, lie or forge what is sent back.

Inside they may change whatever they like. Fair is: no point, unless the numbers are right.
"""

from attacks.base import ATTACKS, RIGHT, cell, entered

HEAD = "def weight_gradient(w, x, targets):\n"
NOTHING = HEAD + "    return 0.0\n"


def patches(name, code):
    """Changes what might compare, and answers 0. Fair: nothing in there compares."""
    cell(f"import sys, os, builtins, json, types, gc\n{code}\n{NOTHING}", f"patches_{name}")


ALWAYS = "class Always:\n    def __getattr__(self, n): return lambda *a, **k: True\n"
PATCHES = {
    "numpy_testing": "np.testing.assert_allclose = np.testing.assert_equal = lambda *a, **k: None",
    "numpy_allclose": "np.allclose = np.array_equal = np.isclose = lambda *a, **k: True",
    "numpy_asarray": "np.asarray = np.asanyarray = lambda *a, **k: np.zeros(1)",
    "numpy_errstate": "np.errstate = np.copy = np.array = None",
    "isinstance": "builtins.isinstance = lambda *a: True",
    "type": "builtins.type = lambda *a: float",
    "builtins": "builtins.print = builtins.len = builtins.open = builtins.abs = lambda *a: 1",
    "all_of_builtins": "for n in dir(builtins):\n    setattr(builtins, n, lambda *a, **k: True)",
    "check": "import coursepkg.checks as c\nc.check = c.hint = lambda *a: 'right'",
    "run": "import coursepkg.checks.running.run as r\n"
    "r.run = r._run_one = r.same = r.plain = lambda *a, **k: True",
    "plain": "import coursepkg.checks.running.plain as p\n"
    "p.plain = p.of_array = lambda *a: 'right'",
    "wire": "import coursepkg.checks.running.wire as w\n"
    "w.encode = w.encode_outcome = lambda *a: {'passed': True}",
    "answer": "import coursepkg.checks.running.answer as a\n"
    "a.as_bytes = a.run_job = lambda *a, **k: b'{\"earned\": 1}'",
    "use": "from coursepkg.checks.running.use import USES\n"
    "USES.update(dict.fromkeys(USES, lambda *a: 1))",
    "modules": ALWAYS + "for n in list(sys.modules):\n    sys.modules[n] = Always()",
    "json": "json.dumps = lambda *a, **k: '{\"points\": 20}'",
    "write": "os.write = lambda *a: 1",
    "trace": "sys.settrace(lambda *a: sys.exit(0))\nsys.setprofile(lambda *a: None)",
    "time_limit": "import coursepkg.checks.running.time_limit as t\n"
    "t.limited = lambda s, f: 'right'",
}
for name, code in PATCHES.items():
    patches(name, code)


@entered(cell)
def imports_the_checks():
    """The modules that know what is right. Fair: they are not there, no point."""
    return (
        "import coursepkg.checks.diagnose\nfrom coursepkg.checks.banks import one_weight\n"
        + HEAD
        + "    from coursepkg.checks.banks import one_weight\n"
        "    return one_weight.weight_gradient(w, x, targets)\n"
    )


@entered(cell)
def looks_for_what_is_expected():
    """Looks through all objects and frames for a seed or right answers. Fair: there are none."""
    return (
        "import gc, sys\n"
        + HEAD
        + """
    frame, words = sys._getframe(), ("expected", "reference", "seed", "examination", "tolerance")
    while frame:
        for name, value in frame.f_locals.items():
            if name in words:
                return value
        frame = frame.f_back
    for each in gc.get_objects():
        if type(each) is dict:
            for name in words:
                if name in each and isinstance(each[name], (int, float)) and each[name] > 1:
                    return each[name]
    return None
"""
    )


def lies(name, code):
    """Returns an object that says it is equal to everything. Fair: it is no number."""
    cell(f"{code}\n{HEAD}    return Lie()\n", f"lies_{name}")


LIES = {
    "eq": "class Lie:\n    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda *a: True\n"
    "    __hash__ = lambda s: 1\n    __sub__ = __rsub__ = __abs__ = lambda s, *a: 0.0",
    "class": "class Lie:\n    @property\n    def __class__(self): return float\n"
    "    def __float__(self): return 0.0",
    "array": "class Lie:\n    def __array__(self, *a, **k): raise SystemExit(0)",
    "array_forever": "class Lie:\n    def __array__(self, *a, **k):\n        while True: pass",
    "array_of_itself": "class Lie:\n"
    "    def __array__(self, *a, **k): return np.array([self], object)",
    "ufunc": "class Lie:\n    __array_priority__ = 1e9\n"
    "    def __array_ufunc__(self, *a, **k): return True\n"
    "    def __array_function__(self, *a, **k): return True",
    "reduce": "import os\nclass Lie:\n    def __reduce__(self): return (os._exit, (0,))\n"
    "    __reduce_ex__ = __deepcopy__ = __copy__ = lambda s, *a: s.__reduce__()",
    "del": "class Lie:\n    def __del__(self):\n        while True: pass",
    "getattribute": "class Lie:\n    def __getattribute__(self, n): return Lie()\n"
    "    __call__ = lambda *a, **k: Lie()",
    "ndarray": "class Lie(np.ndarray):\n    shape = property(lambda s: ())\n"
    "    size = property(lambda s: 1)\n    __eq__ = lambda s, o: True\n"
    "    def __new__(c): return np.zeros(3).view(c)",
    "float": "class Lie(float):\n    __eq__ = lambda s, o: True\n    __sub__ = lambda s, o: 0.0",
    "int": "class Lie(int):\n    __index__ = __abs__ = lambda s: 0\n    __rsub__ = lambda s, o: 0",
    "str": "class Lie(str):\n    __eq__ = lambda s, o: True\n    strip = lower = lambda s: s",
    "tuple": "class Lie(tuple):\n    __len__ = lambda s: 1\n    def __iter__(s):\n"
    "        while True: yield 0.0",
    "dict": "class Lie(dict):\n    __getitem__ = get = lambda s, *a: 0.0\n"
    "    __contains__ = lambda s, k: True",
    "metaclass": "class Meta(type):\n    __name__ = property(lambda c: 'float')\n"
    "    __instancecheck__ = __subclasscheck__ = __eq__ = lambda *a: True\n"
    "    __hash__ = type.__hash__\nclass Lie(metaclass=Meta): pass",
    "structured": "Lie = lambda: np.zeros(2, [('a', float), ('b', object)])",
    "object_array": "Lie = lambda: np.array(np.ones(3), object)",
    "masked": "import numpy.ma\nLie = lambda: np.ma.masked",
    "longdouble": "Lie = lambda: np.full((2,) * 20, np.nan, np.longdouble)",
    "nested": "def Lie():\n    value = 0.0\n    for _ in range(5000): value = [value]\n"
    "    return value",
    "itself": "def Lie():\n    value = []\n    value.append(value)\n    return value",
    "digits": "Lie = lambda: 10 ** 100_000",
    "surrogates": r"Lie = lambda: '\ud800<script>alert(1)</script>' * 100",
    "much": "Lie = lambda: np.zeros(999_999)",
    "too_much": "Lie = lambda: np.zeros(10_000_000)",
    "words_of_all_lengths": "Lie = lambda: ['x' * 1_000] + [''] * 10_000",
    "error_with_html": "class Bad(Exception): pass\nBad.__name__ = '<img src=x onerror=alert(1)>'\n"
    "def Lie(): raise Bad('</pre><script>alert(1)</script>\\x1b[31m')",
}
for name, code in LIES.items():
    lies(name, code)

FORGE = (
    '''
import json, os, sys

def send(text):
    """Into every open file, as the result; nothing else is sent after it."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    for number in range(3, 64):
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(number, view):]
        except OSError:
            pass
    os._exit(0)

def cases():
    frame = sys._getframe()
    while "cases" not in frame.f_locals:
        frame = frame.f_back
    return list(frame.f_locals["cases"].values())

def outcome(value, **others):
    return {"value": value, "error": None, "message": "", "line": "", "number": 0,
            "changed": [], "printed": "", "warned": [], **others}

def result(values, **others):
    values = [*values, values[0]]
    return {"found": True, "cell": 0, "globals_read": [],
            "outcomes": [outcome(value, **others) for value in values]}

def same(value, **others):
    return json.dumps(result([value] * len(cases()), **others))
'''
    + HEAD
)


def forges(name, expression, earned=0):
    """Writes a result of its own to every open file and ends with 0. Fair: as what it says."""
    cell(FORGE + f"    send({expression})\n", f"forges_{name}", earned)


NUMBER = '{"number": ["float64", %s, "AAAAAAAAAAA="]}'
FORGED = {
    "nothing": "''",
    "no_json": "b'\\xff\\xfe{{{'",
    "points": "json.dumps({'found': True, 'passed': True, 'earned': 1, 'points': 20})",
    "points_within": "same(0.0, passed=True, earned=1)",
    "a_verdict": "json.dumps({'verdict': 'right', 'questions': [{'earned': 3}]})",
    "a_header": '\'{"ended": "exit 0", "bytes": 3}\\n[1]{"ready": true}\\n\' + same(0.0)',
    "the_next_answer": 'same(0.0) + \'\\n{"ended": "exit 0", "bytes": 2}\\n{}\'',
    "half_of_it": "same(0.0)[:-20]",
    "too_few": "json.dumps(result([0.0]))",
    "a_million": "json.dumps({'found': True, 'cell': 0, 'globals_read': [], 'outcomes': []})[:-2]"
    " + '0,' * 1_000_000 + '0]}'",
    "depth": "'[' * 1_000_000",
    "depth_within": "same(0.0).replace('0.0', '{\"list\": [' * 100_000, 1)",
    "digits": "same(0.0).replace('0.0', '9' * 1_000_000)",
    "infinity": "same(0.0).replace('0.0', 'NaN').replace('NaN', '1e999', 1)",
    "not_a_number": "same(float('nan'))",
    "no_size": "same({'array': ['float64', [0, 2**39], '']})",
    "negative_size": "same({'array': ['float64', [-1], '']})",
    "gigantic_size": "same({'array': ['float64', [2**39, 2**39], 'AAAA']})",
    "wrong_size": "same({'array': ['float64', [2], 'AAAAAAAAAAA=']})",
    "many_axes": "same({'array': ['float64', [1] * 32, 'AAAAAAAAAAA=']})",
    "objects": "same({'array': ['object', [], 'AAAAAAAAAAA=']})",
    "a_pickle": "same({'pickle': 'gASVCAAAAAAAAACMBG9zLl9leGl0lC4='})",
    "unknown_kind": "same({'<script>alert(1)</script>' * 1000: 1})",
    "text": "same('\\ud800' * 1000)",
    "number_of_words": "same({'list': ['x' * 1_000] + [''] * 10_000})",
    "an_error": "same(None, error='<b>' * 1000, message='<script>alert(1)</script>' * 1000)",
    "as_not_asked": "same(None, error='NotAsAsked', message='<script>alert(1)</script>')",
    "not_started": "same(None, error='NotImplementedError')",
    "not_found": "json.dumps({'found': False})",
    "another_cell": "same(0.0).replace('\"cell\": 0', '\"cell\": 10000000000000000000000')",
    "wrong_types": "json.dumps({'found': 1, 'cell': {}, 'globals_read': 3, 'outcomes': {}})",
    "changes": "same(0.0, changed=[{}] * 1000, warned=[1] * 1000, printed='x' * 1_000_000)",
    "no_field": "same(0.0).replace('\"warned\": []', '\"w\": []')",
}
for name, expression in FORGED.items():
    forges(name, expression)


@entered(cell, earned=1)
def forges_what_is_right():
    """Forges numbers that are right: so the others are refused for what they say. Fair: 1 point."""
    return FORGE + (
        "    def right(w, x, targets): return float(" + RIGHT + ")\n"
        "    send(json.dumps(result([right(**case) for case in cases()])))\n"
    )


# Those that try nothing but to be called right, and know of no other process.
CHEATS = [name for name in ATTACKS if name.startswith(("patches_", "lies_", "forges_"))]

# Of what cannot be compared itself, words are compared, and these are public: {set: questions}.
WORDS = {
    "02_chain_rule": ("order_nodes",),
    "04_two_layer_network": ("starting_weights",),
    "09_digits": ("training_batches", "dropout"),
}


def forging_words(question, value):
    """A class or function that sends `value`, what is compared of a right answer, for each case."""
    code = FORGE.replace(HEAD, f"def {question}(*arguments, **others):\n")
    return f"{code}    send(json.dumps(result([{value!r}] * len(cases()))))\n"
