"""Traces of Cilium: its ConfigMap, its DaemonSet."""

from netsim.importing.dump import Dump
from netsim.importing.findings import CONFIGURED, DEPLOYED, RUNNING, Finding, Guess
from netsim.importing.shapes import Data, is_true, mapping, text, whole
from netsim.importing.workloads import daemon, running

NAMES = ("cilium",)
REPLACES = ("true", "strict")
KEEPS = ("false", "disabled", "partial", "probe")


def look(dump: Dump) -> Guess | None:
    """Cilium with its routing, its host routing, its encryption, and whether it replaces kube-proxy."""
    thing = dump.find("ConfigMap", "cilium-config")
    if thing is not None and (data := mapping(thing.data, "data")):
        settings, findings = _settings(data, thing.title)
        return Guess("cilium", settings, findings, CONFIGURED)
    for found, weight in ((daemon(dump, *NAMES), DEPLOYED), (running(dump, *NAMES), RUNNING)):
        if found:
            why = f"{found} is there, ConfigMap cilium-config is not; these are Cilium's defaults but for kube-proxy"
            check = "routing-mode, kube-proxy-replacement and encryption of your Cilium"
            replaced = daemon(dump, "kube-proxy") is None and running(dump, "kube-proxy") is None
            settings = {"routing": "tunnel", **_replacement(replaced)}
            return Guess("cilium", settings, [Finding("cni", why, check)], weight)
    return None


def _replacement(replaced: bool) -> dict[str, object]:
    return {} if replaced else {"hostRouting": "legacy", "kubeProxyReplacement": False}


def _settings(data: Data, where: str) -> tuple[dict[str, object], list[Finding]]:
    settings, findings = _routing(data, where)
    word = text(data, "kube-proxy-replacement").lower() or "false"
    replaced = word in REPLACES
    settings["kubeProxyReplacement"] = replaced
    check = "" if word in (*REPLACES, "false") else "it replaces kube-proxy only in part"
    findings.append(
        Finding(
            f"cni.kubeProxyReplacement: {str(replaced).lower()}",
            f"kube-proxy-replacement {word[:20]} of {where}",
            check,
        )
    )
    if is_true(data, "enable-wireguard"):
        settings["encryption"] = "wireguard"
    elif is_true(data, "enable-ipsec"):
        settings["encryption"] = "ipsec"
    if "encryption" in settings:
        findings.append(Finding(f"cni.encryption: {settings['encryption']}", where))
    host, why = _host_routing(data, replaced)
    settings["hostRouting"] = host
    findings.append(Finding(f"cni.hostRouting: {host}", f"{why} in {where}"))
    if mtu := whole(data, "mtu"):
        settings["mtu"] = mtu
        findings.append(Finding(f"cni.mtu: {mtu}", f"mtu of {where}"))
    return settings, findings


def _routing(data: Data, where: str) -> tuple[dict[str, object], list[Finding]]:
    """The words of 1.14 on (routing-mode, tunnel-protocol) and before (tunnel)."""
    mode, old = text(data, "routing-mode").lower(), text(data, "tunnel").lower()
    native = mode == "native" or (not mode and old == "disabled")
    protocol = text(data, "tunnel-protocol").lower() or (old if old not in ("", "disabled") else "vxlan")
    word = "native" if native else "tunnel"
    why = f"routing-mode {mode[:20]}" if mode else f"tunnel {old[:20]}" if old else "no routing-mode, so the default,"
    findings = [Finding(f"cni.routing: {word}", f"{why} of {where}")]
    if not native and protocol != "vxlan":
        findings.append(
            Finding(
                "",
                f"tunnel-protocol {protocol[:20]} of {where}; netsim's Cilium has VXLAN, whose "
                "header is as long as Geneve's without options",
            )
        )
    return {"routing": word}, findings


def _host_routing(data: Data, replaced: bool) -> tuple[str, str]:
    """Host routing and why (cilium/cilium daemon: it needs the replacement and masquerading in BPF, no IPsec)."""
    if is_true(data, "enable-host-legacy-routing"):
        return "legacy", "enable-host-legacy-routing true"
    if not replaced:
        return "legacy", "no kube-proxy-replacement"
    if is_true(data, "enable-ipsec"):
        return "legacy", "enable-ipsec true"
    if not is_true(data, "enable-bpf-masquerade"):
        return "legacy", "enable-bpf-masquerade is not true"
    return "eBPF", "kube-proxy-replacement and enable-bpf-masquerade"
