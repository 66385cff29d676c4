"""The catalogue: every step that a packet can take through a Linux node, every way to wrap it between nodes.

A stage's cost is the entry of the same name under ``costs/``.
"""

from dataclasses import replace

from netsim.model.datapath import Encapsulation, Entropy, Lane, Offload, Stage

# Wrapping between nodes: bytes on top of the inner IP packet.

IPIP = Encapsulation(
    "ipip",
    20,
    Entropy.NODE_PAIR,
    Offload.NIC,
    "RFC 2003: a second IPv4 header; Linux net/core/flow_dissector.c looks behind it, NICs do not",
    dissected=True,
)
VXLAN = Encapsulation(
    "vxlan", 50, Entropy.INNER_FLOW, Offload.NIC, "RFC 7348: IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14"
)
GENEVE = Encapsulation(
    "geneve",
    50,
    Entropy.INNER_FLOW,
    Offload.NIC,
    "RFC 8926: IPv4 20, UDP 8, Geneve 8, inner Ethernet 14; Cilium's option 12 (bpf/lib/common.h, geneve_dsr_opt4)",
    opening_bytes=12,
)
IP_OPTION = Encapsulation(
    "ip-option",
    0,
    Entropy.INNER_FLOW,
    Offload.NIC,
    "Cilium bpf/lib/nodeport.h: an IPv4 option of 8 bytes with the Service's address, in SYNs and every datagram",
    opening_bytes=8,
)
WIREGUARD = Encapsulation(
    "wireguard",
    60,
    Entropy.NODE_PAIR,
    Offload.NEVER,
    "wireguard.com/protocol: IPv4 20, UDP 8, header 16, tag 16; padded to 16, not beyond the MTU",
    align=16,
)
UDP_TUNNEL = Encapsulation(
    "udp", 28, Entropy.NODE_PAIR, Offload.NEVER, "flannel pkg/backend/udp: IPv4 20, UDP 8, one port per node"
)
SLEEVE = Encapsulation(
    "sleeve",
    62,
    Entropy.NODE_PAIR,
    Offload.NEVER,
    "weave router/crypto.go: IPv4 20, UDP 8, sender 6, frame header 14, Ethernet 14; one frame each",
)
SLEEVE_NACL = Encapsulation(
    "sleeve+nacl",
    86,
    Entropy.NODE_PAIR,
    Offload.NEVER,
    "weave router/crypto.go: sleeve 62, sequence number 8, secretbox tag 16; one frame each",
)
VXLAN_ESP = Encapsulation(
    "vxlan+esp",
    84,
    Entropy.NODE_PAIR,
    Offload.NEVER,
    "RFC 4303, RFC 4106, transport mode: VXLAN 50, ESP header 8, IV 8, trailer 2, ICV 16; padded to 4",
    align=4,
)
ESP = Encapsulation(
    "esp",
    54,
    Entropy.NODE_PAIR,
    Offload.NEVER,
    "RFC 4303, RFC 4106, tunnel mode: IPv4 20, ESP header 8, IV 8, trailer 2, ICV 16; padded to 4",
    align=4,
)
ESP_VXLAN = replace(
    ESP, name="esp+vxlan", header_bytes=104, source=f"{ESP.source}; in a VXLAN tunnel 50, whose port is that of ESP"
)
VXLAN_WIREGUARD = replace(
    WIREGUARD, name="vxlan+wireguard", header_bytes=110, source=f"{WIREGUARD.source}; around VXLAN 50"
)

# Sockets and what is common to every CNI; lowering adds these at the ends of each path.

SOCKET_SEND = Stage("socket-send", Lane.APPLICATION)
SOCKET_RECEIVE = Stage("socket-receive", Lane.APPLICATION)
TCP_RECEIVE = Stage("tcp-receive")
TCP_CONNECT = Stage("tcp-connect", Lane.APPLICATION)
TCP_ACCEPT = Stage("tcp-accept")
TCP_FINISH = Stage("tcp-finish")
TLS_CLIENT = Stage("tls-client", Lane.APPLICATION)  # once per handshake, not per packet
TLS_SERVER = Stage("tls-server", Lane.APPLICATION)
ACK_SEND = Stage("ack-send")
ACK_RECEIVE = Stage("ack-receive")
DATAGRAM_SEND = Stage("datagram-send", Lane.APPLICATION)
DATAGRAM_RECEIVE = Stage("datagram-receive", Lane.APPLICATION)
LOOPBACK = Stage("loopback")
QDISC = Stage("qdisc")
GSO_SEGMENT = Stage("gso-segment", splits=True)
NIC_TRANSMIT = Stage("nic-transmit")
NIC_RECEIVE = Stage("nic-receive", merges=True)
RPS_STEER = Stage("rps-steer")
RPS_BACKLOG = Stage("rps-backlog")  # on the core that RPS picked
LB_FORWARD = Stage("lb-forward")

# Devices inside a node.

VETH = Stage("veth")
VETH_OUT = VETH.on(Lane.APPLICATION)  # the sender's thread carries the packet to the far side's backlog
BRIDGE = Stage("bridge")
BRIDGE_NETFILTER = Stage("bridge-netfilter")
OVS = Stage("ovs")

# IP and netfilter.

CONNTRACK = Stage("conntrack", tracks=1)
CONNTRACK_NEW = Stage("conntrack-new", first_packet=True)
ROUTE = Stage("route")
FILTER = Stage("filter")
MASQUERADE = Stage("masquerade", first_packet=True, masquerades=True)
TRACKED = (CONNTRACK, CONNTRACK_NEW)
ROUTED = (*TRACKED, ROUTE, FILTER)
"""An IP packet forwarded by the host: PREROUTING, routing decision, FORWARD, POSTROUTING."""
BRIDGED = (BRIDGE, BRIDGE_NETFILTER, *TRACKED, FILTER)
"""A frame switched by a bridge under ``bridge-nf-call-iptables=1``, which kube-proxy needs for replies."""

# The outer packet of a tunnel passes OUTPUT and POSTROUTING, or PREROUTING and INPUT, of the host.

OUTER_ROUTE = Stage("outer-route")
OUTER_CONNTRACK = Stage("outer-conntrack", tracks=2)  # the reply's outer flow has another source port
OUTER_CONNTRACK_NEW = Stage("outer-conntrack-new", first_packet=True)
OUTER_TRACKED = (OUTER_CONNTRACK, OUTER_CONNTRACK_NEW)
PAIR_CONNTRACK = replace(OUTER_CONNTRACK, tracks=0)  # one entry per pair of nodes, which outlives connections

# Kernel tunnels.

VXLAN_PUSH = Stage("vxlan-push", push=VXLAN)
VXLAN_POP = Stage("vxlan-pop", pop=VXLAN)
GENEVE_PUSH = Stage("geneve-push", push=GENEVE)
GENEVE_POP = Stage("geneve-pop", pop=GENEVE)
IPIP_PUSH = Stage("ipip-push", push=IPIP)
IPIP_POP = Stage("ipip-pop", pop=IPIP)
WIREGUARD_ENCRYPT = Stage("wireguard-encrypt", Lane.WORKER, splits=True)
WIREGUARD_PUSH = Stage("wireguard-push", push=WIREGUARD)
WIREGUARD_DECRYPT = Stage("wireguard-decrypt", Lane.WORKER)
WIREGUARD_POP = Stage("wireguard-pop", pop=WIREGUARD, merges=True)
VXLAN_WRAP = replace(VXLAN_PUSH, push=None)  # the bytes are counted with the ESP around them
VXLAN_UNWRAP = replace(VXLAN_POP, pop=None, merges=True)
ESP_ENCRYPT = Stage("esp-encrypt", push=VXLAN_ESP, splits=True)
ESP_DECRYPT = Stage("esp-decrypt", pop=VXLAN_ESP)
ESP_ENCRYPT_SOFTWARE = replace(ESP_ENCRYPT, name="esp-encrypt-software")
ESP_DECRYPT_SOFTWARE = replace(ESP_DECRYPT, name="esp-decrypt-software")
SOFTWARE = {ESP_ENCRYPT.name: ESP_ENCRYPT_SOFTWARE.name, ESP_DECRYPT.name: ESP_DECRYPT_SOFTWARE.name}
"""What stands for a stage on cores without instructions for AES. ChaCha20 and XSalsa20 never used them."""

# User-space tunnels: a daemon of the node reads every packet and writes it again.

TUN_TRANSMIT = Stage("tun-transmit", splits=True)
TUN_RECEIVE = Stage("tun-receive")
PACKET_TAP = Stage("packet-tap", splits=True)
PACKET_INJECT = Stage("packet-inject")
UDP_DELIVER = Stage("udp-deliver")
DAEMON_READ = Stage("daemon-read", Lane.DAEMON)
DAEMON_WRITE = Stage("daemon-write", Lane.DAEMON)
NACL_SEAL = Stage("nacl-seal", Lane.DAEMON)
NACL_OPEN = Stage("nacl-open", Lane.DAEMON)

# eBPF.

TC_BPF = Stage("tc-bpf")
BPF_FIB = Stage("bpf-fib")
BPF_NAT = Stage("bpf-nat")
BPF_SERVICE = Stage("bpf-service", translates=True)
BPF_OPTION = Stage("bpf-option", first_packet=True)  # to write or read the Service's address in a packet
REDIRECT_PEER = Stage("redirect-peer")

# Network policies: where a flow's first packet is held against them.

POLICY_EGRESS = Stage("policy-egress", first_packet=True, screens="egress")
POLICY_INGRESS = Stage("policy-ingress", first_packet=True, screens="ingress")

# Service translation, by proxy/.

KUBE_SERVICES = Stage("kube-services", first_packet=True, translates=True)
NFT_SERVICES = Stage("nft-services", first_packet=True, translates=True)
NFT_MISS = Stage("nft-miss", first_packet=True)
IPVS_SCHEDULE = Stage("ipvs-schedule", first_packet=True, translates=True)
IPVS_MISS = Stage("ipvs-miss", first_packet=True)
IPVS_FORWARD = Stage("ipvs-forward")
IPVS_REPLY = Stage("ipvs-reply")
REDIRECT = Stage("redirect", first_packet=True, translates=True)
SOCKET_TRANSLATION = Stage("socket-translation", Lane.APPLICATION, first_packet=True, translates=True)

HOST_LAYER = {CONNTRACK.name, CONNTRACK_NEW.name, ROUTE.name, FILTER.name, MASQUERADE.name}
HOST_LAYER |= {TC_BPF.name, BPF_FIB.name, BPF_NAT.name, BPF_SERVICE.name}
"""Steps of the host's own IP layer, or of the programs that stand for it; no device and no tunnel is among them."""


def pushing(stage: Stage, encapsulation: Encapsulation) -> Stage:
    """The stage as the one that adds ``encapsulation``."""
    return replace(stage, push=encapsulation)


def popping(stage: Stage, encapsulation: Encapsulation) -> Stage:
    """The stage as the one that takes ``encapsulation`` off."""
    return replace(stage, pop=encapsulation)


CATALOGUE: dict[str, Stage] = {
    value.name: value for value in list(globals().values()) if isinstance(value, Stage) and not value.tracks
} | {stage.name: stage for stage in (CONNTRACK, OUTER_CONNTRACK)}
"""Every stage by its name."""
