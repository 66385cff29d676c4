"""Which kube-proxy mode a cluster runs, from its KubeProxyConfiguration or its command line."""

from netsim import proxy
from netsim.errors import ScenarioError
from netsim.importing import yaml_text
from netsim.importing.dump import Dump, Thing
from netsim.importing.findings import CONFIGURED, DEPLOYED, Finding, Guess
from netsim.importing.fitting import fitted
from netsim.importing.shapes import Data, mapping, part, text
from netsim.importing.workloads import arguments, daemon, running

NAMES = ("kube-proxy",)
DEFAULT = "iptables"
FLAG = "--proxy-mode"


def embedded(thing: Thing | None, key: str) -> Data:
    """The YAML mapping in a key of a ConfigMap, or nothing."""
    content = text(thing.data, "data", key) if thing else ""
    try:
        found = yaml_text.documents(content, key, lambda item: None)
    except ScenarioError:
        return {}
    return next((one for one in found if isinstance(one, dict)), {})


def configuration(dump: Dump) -> tuple[Data, str]:
    """The KubeProxyConfiguration, and the title of what holds it."""
    thing = dump.find("ConfigMap", *NAMES)
    found = embedded(thing, "config.conf") or embedded(thing, "config")
    if found and thing:
        return found, f"config.conf of {thing.title}"
    for one in dump.of("KubeProxyConfiguration"):
        return one.data, "KubeProxyConfiguration"
    return {}, ""


def guess_proxy(dump: Dump, replaced: bool, plugin: str) -> Guess | None:
    """The mode with its settings; None where the CNI replaces kube-proxy, or there is nothing to say."""
    written, where = configuration(dump)
    present = daemon(dump, *NAMES) or running(dump, *NAMES)
    if replaced:
        return None
    if written:
        mode = text(written, "mode").lower() or DEFAULT
        told = f"mode {mode} of {where}" if text(written, "mode") else f"{where} names no mode: iptables on Linux"
        return _guess(mode, _settings(written, mode), told, CONFIGURED)
    words = arguments(dump, *NAMES)
    for index, word in enumerate(words):
        if word == FLAG and index + 1 < len(words):
            return _guess(words[index + 1].lower(), {}, f"{FLAG} of {present}", DEPLOYED)
        if word.startswith(f"{FLAG}="):
            return _guess(word.partition("=")[2].lower(), {}, f"{FLAG} of {present}", DEPLOYED)
    why = (
        f"{present} is there, its configuration is not"
        if present
        else f"nothing tells of kube-proxy, and {plugin} needs it"
    )
    return _guess(DEFAULT, {}, f"{why}; iptables is the default", 0)


def _settings(written: Data, mode: str) -> dict[str, object]:
    """Settings of the mode's own section, those that the mode's config model has are taken."""
    section = mapping(written, mode)
    keys = ("syncPeriod", "minSyncPeriod", "scheduler", "masqueradeAll")
    found = {key: section[key] for key in keys if part(section, key) not in (None, "", "0s", False)}
    return {key: str(value) if key.endswith("Period") else value for key, value in found.items()}


def _guess(mode: str, settings: dict[str, object], why: str, weight: int) -> Guess:
    known = [name for name in proxy.names() if name != "ebpf"]
    if mode not in known:
        told = Finding(f"proxy.mode: {DEFAULT}", f"{why}, which netsim does not have", f"known are {', '.join(known)}")
        return Guess(DEFAULT, {}, [told], weight)
    check = "" if weight else "the mode of your kube-proxy"
    kept, dropped = fitted(proxy.load(mode).Config, {"mode": mode, **settings})
    kept.pop("mode", None)
    findings = [Finding(f"proxy.mode: {mode}", why, check)]
    findings += [Finding(f"proxy.{key}: {value}", why.partition(" of ")[2] or why) for key, value in kept.items()]
    findings += [Finding("", f"kube-proxy's {words} has no meaning in netsim's {mode} mode") for words in dropped]
    return Guess(mode, kept, findings, weight)
