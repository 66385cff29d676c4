"""Traces of Weave Net: its DaemonSet's environment and arguments."""

from netsim.importing.dump import Dump
from netsim.importing.findings import DEPLOYED, RUNNING, Finding, Guess
from netsim.importing.shapes import whole
from netsim.importing.workloads import arguments, daemon, environment, running

NAMES = ("weave-net",)


def look(dump: Dump) -> Guess | None:
    """Weave Net: fastdp unless switched off, encrypted where it has a password."""
    found = daemon(dump, *NAMES)
    title = found or running(dump, *NAMES)
    if title is None:
        return None
    written = environment(dump, *NAMES)
    settings: dict[str, object] = {"mode": "fastdp"}
    findings = [
        Finding(
            "cni.mode: fastdp",
            f"{title} is there; fastdp is its way where the network lets it",
            "weave status connections says fastdp or sleeve",
        )
    ]
    if written.get("WEAVE_NO_FASTDP") or "--no-fastdp" in arguments(dump, *NAMES):
        settings["mode"] = "sleeve"
        findings = [Finding("cni.mode: sleeve", f"fastdp is switched off in {title}")]
    if "WEAVE_PASSWORD" in written:
        settings["encrypted"] = True
        findings.append(Finding("cni.encrypted: true", f"WEAVE_PASSWORD of {title}"))
    if mtu := whole(written, "WEAVE_MTU"):
        settings["mtu"] = mtu
        findings.append(Finding(f"cni.mtu: {mtu}", f"WEAVE_MTU of {title}"))
    return Guess("weave", settings, findings, DEPLOYED if found else RUNNING)
