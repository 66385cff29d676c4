"""Which CNI a cluster runs: each file here knows the traces of one; the surest evidence wins."""

from netsim import cni
from netsim.importing.dump import Dump
from netsim.importing.findings import Finding, Guess
from netsim.importing.fitting import fitted
from netsim.registry import Registry
from netsim.scenario.schema import DEFAULTS

_REGISTRY = Registry(__name__, "reader of CNI traces")


def guess_cni(dump: Dump) -> Guess:
    """The CNI with the surest traces, with settings that its config model takes; the default where there is none."""
    guesses: list[Guess] = [guess for name in _REGISTRY.names() if (guess := _REGISTRY.load(name).look(dump))]
    if not guesses:
        default: dict[str, object] = dict(DEFAULTS["cni"])
        why = Finding("cni", "no trace of any CNI in the dump", "which CNI does the cluster run? This is a default")
        return Guess(str(default.pop("plugin")), default, [why], 0)
    guesses.sort(key=lambda guess: (-guess.weight, guess.kind))
    best = guesses[0]
    best.settings, dropped = fitted(cni.load(best.kind).Config, best.settings)
    best.findings += [Finding("cni", f"{words} does not go with the rest and is left out") for words in dropped]
    others = [guess for guess in guesses[1:] if guess.kind != best.kind]
    best.findings += [
        Finding("cni", f"there are traces of {guess.kind}, too: {guess.findings[0].because}", "is it left over?")
        for guess in others
    ]
    return best
