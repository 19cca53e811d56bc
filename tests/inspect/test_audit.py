"""The audit: every deliberately bad layer is found, at its law, with the line to write instead."""

import functools
import random
import re

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.inspect.audit import lines
from tests.inspect import bad

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@functools.cache
def audited(layer):
    return lx.check(layer, X)


def marks(audit, mark):
    return {finding.law: finding for finding in audit if finding.verdict.value == mark}


def told(layer, mark, law):
    """The only remark at the only law with this mark."""
    found = marks(audited(layer), mark)
    assert list(found) == [law], [remark.text for f in found.values() for remark in f.remarks]
    (remark,) = found[law].remarks
    return remark


DRAW = """\
return {"key": key, "mode": lx.Mode.TRAIN}  # in init_state
key, st.key = jax.random.split(st.key)      # in forward
noise = jax.random.normal(key, x.shape)"""

LAMBDA = "a lambda has no name to print; a function made by def has one"

FAULTS = [
    # law, layer, what is said, the line that is there, what to write
    ("It holds no array", bad.ClassAttribute(),
     r"ClassAttribute\.taps holds an array, bf16\[3\]\.", "",
     'return {"taps": …}  # in init_params\nps.taps             # in forward'),
    ("It holds no array", bad.Given(bad.ADD_BY_CLOSURE),
     r"Given\.function holds an array, table bf16\[3\]\.", "",
     'return {"table": …}  # in init_params\nps.table             # in forward'),
    ("It holds no array", bad.Given(bad.ADD_BY_PARTIAL),
     r"Given\.function holds an array, bf16\[\]\.", "",
     'return {"function": …}  # in init_params\nps.function             # in forward'),
    ("Equal fields make an equal layer", bad.Held(bad.Sizes()),
     r"Held\.table is a Sizes, which equals only itself\.", "",
     "@dataclasses.dataclass(frozen=True)\nclass Sizes: …"),
    ("Its repr makes it again", bad.Doubled(3),
     r"Doubled\(6\) makes another layer, Doubled\(12\)\.", "",
     "# let __init__ take each field as it is stored, or write __repr__ beside it"),
    ("It can be pickled", bad.Unpicklable(),
     "pickle refuses: RuntimeError: no pickles today.", "", ""),
    ("The same key makes the same parameters and state", bad.GlobalInit(),
     r"Made twice with one key, they differ: ps\.weight f32\[3\] by up to \S+\. init draws from "
     r"np\.random\.",
     'return {"weight": jnp.asarray(np.random.normal(size=3), jnp.float32)}',
     'weight = jax.random.normal(lx.key_for(key, "weight"), shape)'),
    ("The same key makes the same parameters and state", bad.PythonInit(),
     r"they differ: ps\.weight .* init draws from random\.",
     'return {"weight": jnp.full(3, random.gauss(0, 1), jnp.float32)}',
     'weight = jax.random.normal(lx.key_for(key, "weight"), shape)'),
    ("The same key makes the same parameters and state", bad.OwnSeed(),
     r"ps\.weight f32\[3\] is the same for every seed: init makes a key of its own\.",
     'return {"weight": jax.random.normal(jax.random.key(0), (3,))}',
     'weight = jax.random.normal(lx.key_for(key, "weight"), shape)'),
    ("The same key makes the same parameters and state", bad.FailingInit(),
     r"OSError: no such file: weights\.npz$", 'raise OSError("no such file: weights.npz")', ""),
    ("The same key makes the same parameters and state", bad.ConcreteInit(),
     r"float\(…\), int\(…\) and \.item\(\) read a number; under jit there is none yet\.",
     "seed = int(jax.random.randint(key, (), 0, 100))",
     "seed = jax.random.randint(key, (), 0, 100)  # an array of shape () does the same"),
    ("A call returns the output and the state", bad.OnlyOutput(),
     r"TypeError: OnlyOutput\.forward must return its output and its state$", "",
     "return y, st"),
    ("A call returns the output and the state", bad.Forgets(lx.Dropout(0.5)),
     r"ValueError: Forgets\.forward forgets the new state of 'body'$", "",
     "x, st.body = self.body(x, ps.body, st.body)"),
    ("A call returns the output and the state", bad.Forgets(lx.Dense(4, 4)),
     r"expected x of shape \(…, 4\), in_dims = 4; got f32\[4,3\] "
     r"\(at body: Dense\(4, 4\) was given x: f32\[4,3\]\)",
     "y, _ = self.body(x, ps.body, st.body)", ""),
    ("A call returns the output and the state", bad.NewEntry(),
     r"ValueError: NewEntry\.forward changed the structure of its state from Tree\(\) to "
     r"Tree\(mean=f32\[\]\)",
     "", "st.name = …  # an entry that init_state has made\nreturn y, st"),
    ("A call returns the output and the state", bad.NoEntry(),
     "AttributeError: the state has no entry 'count', init_state must return it", "st.count = 1",
     'return {"count": …}  # in init_state\nst.count = …         # in forward'),
    ("A call returns the output and the state", bad.SetsItself(),
     "TypeError: SetsItself is a value and cannot set 'last'", "self.last = x",
     'return {"last": …}  # in init_state\nst.last = …         # in forward'),
    ("A call returns the output and the state", bad.Grows(),
     r"st\.last comes in as f32\[3\] and goes out as f32\[1,3\]\.", "",
     'return {"last": …}  # in init_state, as f32[1,3]'),
    ("A call returns the output and the state", bad.Rounds(),
     r"st\.count comes in as i32\[\] and goes out as f32\[\]\.", "",
     "st.count = new.astype(st.count.dtype)"),
    ("A call returns the output and the state", bad.Words(),
     r"TypeError: Words\.forward must return arrays, in a pytree of any form, got 'y'", "", ""),
    ("The same inputs give the same output", bad.Noisy(),
     r"Two calls differ: y f32\[4,3\] by up to \d\S+\. It draws from np\.random\.",
     "noise = np.random.normal(size=x.shape)", DRAW),
    ("The same inputs give the same output", bad.PythonNoise(),
     r"Two calls differ: y .* It draws from random\.", "return x * random.random(), st",
     DRAW),
    ("The same inputs give the same output", bad.OwnGenerator(),
     r"It depends on the variable GENERATOR, which it changes\.",
     "return x * GENERATOR.random(), st", DRAW),
    ("The same inputs give the same output", bad.Counts(),
     r"Two calls differ: y f32\[4,3\] by up to \S+\. It depends on the variable CALLS, which it "
     r"changes\.",
     "CALLS.append(None)",
     'return {"calls": …}  # in init_state\nst.calls = …         # in forward'),
    ("The same inputs give the same output", bad.CountsItself(),
     r"It depends on CountsItself\.calls, which it changes\.",
     'object.__setattr__(self, "calls", getattr(self, "calls", 0) + 1)',
     'return {"calls": …}  # in init_state\nst.calls = …         # in forward'),
    ("The same inputs give the same output", bad.Clock(),
     r"Something outside of x, ps and st decides\.", "return x * (time.perf_counter() % 1), st",
     DRAW),
    ("A call changes nothing around it", bad.WritesIntoX(),
     r"It writes into x f32\[4,3\], an array that the caller still uses\.", "x += 1", "x = x + 1"),
    ("A call changes nothing around it", bad.WritesIntoPlace(),
     r"It writes into x f32\[4,3\]", "x[0] = 0", "x = x.at[0].set(0)"),
    ("A call changes nothing around it", bad.Keeps(),
     r"It changes the variable CALLS\.", "CALLS.append(None)",
     'return {"calls": …}  # in init_state\nst.calls = …         # in forward'),
    ("A call changes nothing around it", bad.DrawsInVain(),
     r"It draws from np\.random, as others do\.", "np.random.normal()", DRAW),
    ("Training draws anew, testing draws nothing", bad.NoTestMode(),
     r"In test mode st\.key is split, so something is drawn\.", "",
     'return {"key": key, "mode": lx.Mode.TRAIN}  # in init_state\n'
     "if st.mode is lx.Mode.TEST:                 # in forward\n    return x, st"),
    ("Training draws anew, testing draws nothing", bad.TestsAtRandom(),
     r"In test mode y depends on the random key st\.key\.", "",
     "if st.mode is lx.Mode.TEST:\n    return x, st"),
    ("Training draws anew, testing draws nothing", bad.NeverSplits(),
     r"st\.key goes out as it came in: every step draws the same numbers\.",
     "return x + jax.random.normal(st.key, x.shape, x.dtype), st",
     "key, st.key = jax.random.split(st.key)"),
    ("Under jit it gives the same numbers", bad.Loops(),
     "Python asks whether this is true; under jit there are no numbers yet.",
     "while jnp.abs(x).max() > 1:", "jax.lax.while_loop(condition, body, start)"),
    ("Under jit it gives the same numbers", bad.Asserts(),
     "Python asks whether this is true", "assert jnp.isfinite(x).all()",
     "def check(self): …  # fields are known; the numbers in x are not"),
    ("Under jit it gives the same numbers", bad.UsesNumPy(),
     "NumPy computes with numbers; under jit there are none yet.",
     "return np.tanh(x), st", "return jnp.tanh(x), st"),
    ("Under jit it gives the same numbers", bad.Picks(),
     "How many elements a mask picks depends on numbers; under jit all sizes are fixed.",
     "return x[x > 0], st", "jnp.where(mask, x, 0)"),
    ("Under jit it gives the same numbers", bad.Sized(),
     "Python needs a whole number here, for a shape or an index; under jit there is none yet.",
     "return x + jnp.zeros(st.size, x.dtype)[None], st",
     "size: int  # as a field: those are known while tracing"),
    ("Under jit it gives the same numbers", bad.Sees(),
     r"With and without jit differ: y f32\[4,3\] by up to \S+\.", "",
     'return {"count": 0}      # in init_state\nst.count = st.count + 1  # in forward'),
    ("Every trace gives the same program", bad.Wanders(),
     r"Traced again, `.*` is `.*`\.", "",
     'return {"count": 0}      # in init_state\nst.count = st.count + 1  # in forward'),
    ("Every trace gives the same program", bad.Leaks(),
     "It keeps a traced value outside, which has no numbers and means nothing later.", "",
     'lx.sow("hidden", hidden)  # in forward, and to see it\n'
     "y, st, seen = lx.capture(layer)(x, ps, st)"),
    ("Output and gradients are finite", bad.RootOfZero(),
     r"The gradient by ps\.scale f32\[3\] holds infinity in 3 of 3 places\.",
     "return x * jnp.sqrt(ps.scale)[None], st",
     "jnp.sqrt(jnp.maximum(x, 1e-6))  # guard what goes in; what comes out is too late"),
    ("Output and gradients are finite", bad.Logs(),
     r"y f32\[4,3\] holds NaN in \d of 12 places\.", "return jnp.log(x), st",
     "jnp.log(jnp.maximum(x, 1e-6))  # guard what goes in; what comes out is too late"),
    ("Under vmap it equals a loop", bad.KnowsItsAxes(),
     r"Under vmap and in a loop differ: y f32\[4,3\] by up to 1\.", "",
     "x.mean(axis=-1)  # no names of axes, no callbacks: only arrays"),
    ("The samples of a batch do not mix", bad.Centres(),
     r"Where x\[0\] alone changes, y\[1\] changes too, by up to \S+\. \(The first axis is the "
     r"batch\.\)",
     "mean = x.mean(axis=0, keepdims=True)",
     "axes = tuple(range(1, x.ndim))  # all but the batch\nmean = x.mean(axes, keepdims=True)"),
    ("The dtype is kept: bfloat16 in, bfloat16 out", bad.Widens(),
     r"x and ps are bf16, but y is f32\[4,3\]\.",
     "return x * np.full((1, 1), 2, np.float32), st",
     "jnp.asarray(constant, x.dtype)  # or st.table.astype(x.dtype)"),
    ("The dtype is kept: bfloat16 in, bfloat16 out", bad.NarrowState(),
     r"With bf16, st\.last comes in as f32\[3\] and goes out as bf16\[3\]\.", "",
     "st.last = new.astype(st.last.dtype)"),
]  # fmt: skip

HINTS = [
    ("It holds no array", bad.ReadsTable(),
     r"It reads the variable TABLE, bf16\[3\]: jit takes it for a constant\.", "",
     'return {"table": TABLE}  # in init_state\nst.table                 # in forward'),
    ("Each array is drawn with a key of its own", bad.OneKey(),
     r"ps\.weight equals ps\.bias: two draws share one key\.",
     "weight = jax.random.normal(key, (3,))",
     'bias = jax.random.normal(lx.key_for(key, "bias"), shape)'),
    ("A call changes nothing around it", bad.Prints(),
     r"It prints 'shape \(4, 3\)': under jit once, while tracing\.",
     'print("shape", x.shape)', 'jax.debug.print("{}", x)'),
    ("Training draws anew, testing draws nothing", bad.DrawsTwice(),
     "One key is used twice in a call.", "scale = jax.random.normal(key, x.shape, x.dtype)",
     "key, other, st.key = jax.random.split(st.key, 3)"),
    ("Output and gradients are finite", bad.Normalises(),
     r"At x = 0, y is finite but the gradient by x f32\[4,3\] holds NaN in 12 of 12 places\.",
     "length = jnp.linalg.norm(x, axis=-1, keepdims=True)",
     "jnp.sqrt(jnp.sum(x * x, axis=-1, keepdims=True) + 1e-6)"
     "  # guard what goes in; what comes out is too late"),
    ("Everything that init makes is used", bad.Steps(),
     r"ps\.threshold f32\[3\] is read, but its gradient is zero: it cannot learn\.", "",
     "ps.threshold  # with no round, argmax, > or stop_gradient on the way to y"),
    ("The dtype is kept: bfloat16 in, bfloat16 out", bad.Mixes(),
     "Two dtypes meet here, and JAX picks the wider in silence.",
     "return x * jnp.arange(3)[None], st", "a.astype(b.dtype)  # say which"),
]  # fmt: skip


def name(value):
    return type(value).__name__ if isinstance(value, lx.Layer) else ""


@pytest.mark.parametrize(("law", "layer", "text", "here", "write"), FAULTS, ids=name)
def test_faults(law, layer, text, here, write):
    remark = told(layer, "✗", law)
    assert re.search(text, remark.text), remark.text
    assert (remark.here, remark.write) == (here, write)
    assert not audited(layer).ok and not audited(layer)


@pytest.mark.parametrize(("law", "layer", "text", "here", "write"), HINTS, ids=name)
def test_hints(law, layer, text, here, write):
    remark = told(layer, "!", law)
    assert re.search(text, remark.text), remark.text
    assert (remark.here, remark.write) == (here, write)
    assert audited(layer).ok and audited(layer)


def test_every_law_has_a_layer_that_breaks_it_or_is_warned():
    tried = {law for law, *_ in [*FAULTS, *HINTS]}
    assert tried | {"Everything that init makes is used"} == {f.law for f in audited(bad.Pass())}


def test_a_good_layer_keeps_all():
    audit = audited(lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dropout(0.5), lx.Dense(4, 2)))
    assert {finding.verdict.value for finding in audit} == {"✓"}
    assert audit.ok and bool(audit) and audit.broken == ()
    assert audit.summary == f"{len(audit)} laws, all kept"
    assert [finding.number for finding in audit] == list(range(1, len(audit) + 1))
    assert all(finding.why.endswith(".") for finding in audit)


def test_two_faults_of_one_layer():
    found = marks(audited(bad.Asks()), "✗")
    assert list(found) == [
        "Under jit it gives the same numbers",
        "The samples of a batch do not mix",
    ]
    (remark,) = found["Under jit it gives the same numbers"].remarks
    assert (remark.here, remark.write) == ("if x.sum() > 0:", "y = jnp.where(x.sum() > 0, …, …)")


def test_a_number_that_is_read():
    found = marks(audited(bad.Reads()), "✗")
    (remark,) = found["Under jit it gives the same numbers"].remarks
    assert remark.here == "scale = float(x[0, 0])"
    assert remark.write == "scale = x[0, 0]  # an array of shape () does the same"


def test_all_that_is_not_used_is_named():
    (finding,) = marks(audited(bad.Unused()), "!").values()
    assert [(remark.text, remark.write) for remark in finding.remarks] == [
        ("ps.bias f32[3] is never read.",
         'ps.bias  # in forward; or leave "bias" out of init_params'),
        ("st.count i32[] is never used.",
         'st.count  # in forward; or leave "count" out of init_state'),
    ]  # fmt: skip


def test_a_key_that_is_not_needed_is_not_named():
    assert audited(lx.Dropout(0.0)).summary.endswith("all kept")


def test_equality_that_was_written_anew():
    finding = marks(audited(bad.NeverEqual()), "✗")["Equal fields make an equal layer"]
    assert finding.remarks[0].text == "Two NeverEqual with the same fields differ."


def test_values_that_equal_their_copies_are_fields():
    assert audited(bad.Held(bad.GoodSizes())).ok
    assert audited(bad.Held((1, ("a", None), jnp.float32))).ok


def test_batch_norm_mixes_in_training_only():
    finding = audited(lx.BatchNorm(3)).findings[15]
    assert finding.law == "The samples of a batch do not mix" and finding.verdict.value == "✓"
    assert [remark.text for remark in finding.remarks] == ["in training they do, as in BatchNorm"]


# -- what follows from a fault is said there alone ------------------------------------------------


def test_a_layer_that_cannot_be_made():
    audit = lx.check(lambda: bad.Held(jnp.ones(3)), X)
    assert audit.layer is None and not audit.ok
    assert list(marks(audit, "✗")) == ["It holds no array"]
    (remark,) = audit.findings[0].remarks
    assert remark.text.startswith("TypeError: Held.table is an array; a layer holds none: return")
    assert remark.write.splitlines() == [
        'return {"table": …}  # in init_params',
        "ps.table             # in forward",
    ]
    assert {finding.because for finding in audit.findings[1:]} == {"law 1 is broken"}


def test_what_needs_a_call_that_works():
    findings = audited(bad.OnlyOutput()).findings
    assert [finding.verdict.value for finding in findings[:7]] == ["✓"] * 6 + ["✗"]
    assert {finding.because for finding in findings[7:]} == {"law 7 is broken"}


def test_what_needs_equal_calls_to_be_equal():
    findings = audited(bad.Noisy()).findings
    untried = [finding.number for finding in findings if finding.because]
    assert untried == [9, 10, 11, 12, 15, 16, 17]
    assert {findings[number - 1].because for number in untried} == {"law 8 is broken"}


@pytest.mark.parametrize(
    ("layer", "x", "law", "because"),
    [
        (lx.Dense(3, 4), jnp.ones(3), 16, "it takes an x of shape (batch, …)"),
        (lx.Dense(3, 4), jnp.ones((1, 3)), 16, "it takes a batch of two or more, and x holds 1"),
        (lx.Function(jnp.sum), X, 16, "y has no axis for the batch"),
        (bad.Pass(), (X, X[:2]), 16, "the arrays in x differ in their first axis, the batch"),
        (bad.Pass(), jnp.zeros((2, 3), int), 16, "the samples in x are all alike"),
        (bad.Pass(), jnp.zeros((2, 3), int), 13, "y holds no floats"),
        (bad.Pass(), jnp.zeros((2, 3), int), 17, "neither x nor ps holds floats"),
        (lx.Dense(3, 4), jnp.asarray(X, jnp.bfloat16), 17, "x and ps mix bf16 and f32"),
        (lx.Dense(3, 4), X * np.nan, 13, "x itself is not finite"),
        (bad.Pass(), None, 15, "x holds no arrays"),
        (lx.Chain(lambda x: x), X, 3, LAMBDA),
        (lx.Chain(lambda x: x), X, 4, "pickle finds functions by name, and a lambda has none"),
        (bad.Held(bad.Sizes()), X, 4, "a field equals only itself"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried(layer, x, law, because):
    audit = lx.check(layer, x)
    assert audit.findings[law - 1].because == because
    assert audit.ok or isinstance(layer, bad.Held)


def test_a_class_inside_of_a_function_is_not_blamed():
    class Local(lx.Layer):
        def forward(self, x, ps, st):
            return x, st

    audit = audited(Local())
    assert audit.ok
    assert audit.findings[3].because == (
        "Local is defined inside of a function, where pickle cannot find it"
    )


def test_a_class_that_was_defined_anew_is_not_blamed(monkeypatch):
    old = bad.Pass()
    monkeypatch.setattr(bad, "Pass", type("Pass", (lx.Layer,), {"__module__": bad.__name__}))
    because = lx.check(old, X).findings[3].because
    assert because == "Pass is no longer what its module calls so"


# -- compact layers ------------------------------------------------------------------------------


@lx.compact(inner=lx.Dense(3, 3))
def noisy(m, x):
    return m.inner(x) + np.random.normal(size=3)


def test_a_compact_layer_is_told_what_to_write_in_its_own_form():
    (finding,) = lx.check(noisy, X).broken
    assert finding.remarks[0].write == (
        "key=lx.RandomKey(), mode=lx.Mode.TRAIN  # in @lx.compact(…)\n"
        "key, m.key = jax.random.split(m.key)    # in the function\n"
        "noise = jax.random.normal(key, x.shape)"
    )


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (
            lines.in_state("count", "0", "st.count + 1"),
            "count=lx.State(init, shape)  # in @lx.compact(…)\n"
            "m.count = m.count + 1        # in the function",
        ),
        (
            lines.in_params("scale"),
            "scale=lx.Param(init, shape)  # in @lx.compact(…)\n"
            "m.scale                      # in the function",
        ),
        ("return y, st", "return y"),
        ("", ""),
    ],
)
def test_the_short_form_of_lines(long, short):
    assert lines.short_form(long) == short


# -- check itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what", [3, jnp.sin, lx.Dense, lambda x: x], ids=["number", "function", "class", "lambda"]
)
def test_what_is_no_layer(what):
    with pytest.raises(
        TypeError,
        match="check needs a layer, or a function without arguments that makes one, got ",
    ):
        lx.check(what, X)


def test_a_function_that_makes_no_layer():
    with pytest.raises(TypeError, match=r"that makes one, but .* made 3"):
        lx.check(lambda: 3, X)


def test_an_input_that_is_no_array():
    with pytest.raises(TypeError, match="check needs an input made of arrays of numbers, got 'a'"):
        lx.check(bad.Pass(), (X, "a"))


def test_a_class_makes_a_layer():
    assert lx.check(bad.Pass, X).layer == bad.Pass()


def test_generators_and_the_terminal_stay_as_they_are(capsys):
    before = np.random.get_state()[1].tolist(), random.getstate()
    for layer in (bad.Noisy(), bad.PythonNoise(), bad.Prints(), bad.GlobalInit()):
        lx.check(layer, X)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before
    assert capsys.readouterr() == ("", "")


class Raises(lx.Layer):
    """Raises wherever it can."""

    where: str

    def _or_raise(self, place):
        if self.where == place:
            raise RuntimeError("no luck")

    def init_params(self, key):
        self._or_raise("params")
        return {}

    def init_state(self, key):
        self._or_raise("state")
        return {"mode": lx.Mode.TRAIN}

    def children(self):
        self._or_raise("children")
        return {}

    def __repr__(self):
        self._or_raise("repr")
        return f"Raises({self.where!r})"

    def __eq__(self, other):
        self._or_raise("eq")
        return isinstance(other, Raises)

    def __hash__(self):
        self._or_raise("hash")
        return 1

    def __reduce__(self):
        self._or_raise("pickle")
        return Raises, (self.where,)

    def forward(self, x, ps, st):
        self._or_raise("forward")
        if st.mode is lx.Mode.TEST:
            self._or_raise("test")
        return x, st


@pytest.mark.parametrize(
    "where",
    ["params", "state", "children", "repr", "eq", "hash", "pickle", "forward", "test"],
)
def test_no_layer_makes_it_raise(where):
    audit = lx.check(lambda: Raises(where), X)
    assert not audit.ok
    assert "RuntimeError: no luck" in lx.view(audit).text
    assert "no luck" not in lx.view(lx.check(Raises("nowhere"), X)).text


def test_a_compact_layer_is_audited_as_any_other():
    @lx.compact(hidden=lx.Dense(3, 3), calls=lx.State(lx.init.zeros()))
    def net(m, x):
        bad.CALLS.append(None)
        return m.hidden(x)

    audit = lx.check(net, X)
    assert list(marks(audit, "✗")) == ["A call changes nothing around it"]
    assert audit.broken[0].remarks[0].here == "bad.CALLS.append(None)"
    assert [r.text for r in audit.findings[13].remarks] == ["st.calls f32[] is never used."]
