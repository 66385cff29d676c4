"""eBPF: Service addresses are resolved once at connect(), what comes from outside in a tc program; no rules.

Sources: Cilium's kubeproxy-free.rst; Calico's felix/bpf-gpl.
"""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from netsim.model.config import Strict
from netsim.model.datapath import Translation
from netsim.model.stages import BPF_NAT, SOCKET_TRANSLATION


class Config(Strict):
    """There is nothing to choose; the CNI plugin brings it."""

    mode: Literal["ebpf"] = Field("ebpf", description="how Service addresses become pod addresses")


def translation(config: Config) -> Translation:
    """The socket itself connects to a pod; both CNI plugins that do so choose at random by default."""
    return Translation(
        title="eBPF",
        stage=SOCKET_TRANSLATION,
        strategy="random",
        masquerade=replace(BPF_NAT, first_packet=True),
        sources=(
            "cilium/cilium Documentation/network/kubernetes/kubeproxy-free.rst",
            "projectcalico/calico felix/bpf-gpl",
        ),
    )


def rules_walked(position: int, services: int, endpoints: int) -> int:
    """None: the Service and its endpoints are found in hash maps."""
    return 0


def entry_rules(position: int, services: int, endpoints: int) -> int:
    """None, as ``rules_walked``."""
    return 0
