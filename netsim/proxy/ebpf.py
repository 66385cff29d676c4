"""eBPF: Service addresses are resolved once at connect(), what comes from outside in a tc program; no rules.

Sources: Cilium's kubeproxy-free.rst; Calico's felix/bpf-gpl.
"""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from netsim.model.config import Strict
from netsim.model.datapath import Translation
from netsim.model.stages import BPF_NAT, SOCKET_TRANSLATION
from netsim.model.sync import Sync, Work
from netsim.proxy._maps import entry_rules, rules_walked

__all__ = ["Config", "entry_rules", "rules_walked", "sync", "translation"]


class Config(Strict):
    """What Cilium calls kube-proxy replacement; the CNI plugin brings it."""

    mode: Literal["ebpf"] = Field("ebpf", description="how Service addresses become pod addresses")
    algorithm: Literal["random", "maglev"] = Field(
        "random",
        description="Cilium's bpf-lb-algorithm: how an endpoint is chosen for connections from outside\n"
        "maglev: by a hash of the flow. Connections from inside are always balanced at random.",
    )

    @property
    def periods(self) -> tuple[int, int]:
        """Changes are made as they come; there is nothing to sync from time to time."""
        return 0, 0


def translation(config: Config) -> Translation:
    """The socket itself connects to a pod; both CNI plugins that do so choose at random by default."""
    return Translation(
        title="eBPF",
        stage=SOCKET_TRANSLATION,
        strategy="random",
        outside=config.algorithm,
        masquerade=replace(BPF_NAT, first_packet=True),
        sources=(
            "cilium/cilium Documentation/network/kubernetes/kubeproxy-free.rst",
            "projectcalico/calico felix/bpf-gpl",
        ),
    )


def sync(work: Sync) -> Work:
    """The maps' entries of what has changed."""
    return (("bpf-map-update", work.written),)
