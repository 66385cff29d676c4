"""What headers and frame add to a TCP segment or a datagram on the wire."""

TCP_IP = 52  # bytes: IPv4 20 (RFC 791), TCP 20 (RFC 9293), timestamp option 10 (RFC 7323) and 2 to align it
UDP_IP = 28  # bytes: IPv4 20, UDP 8 (RFC 768)
SMALLEST_PAYLOAD = 46  # bytes, of an Ethernet frame; a shorter one is padded (IEEE 802.3, 3.2.8)
AROUND_FRAME = 38  # bytes: header 14, FCS 4, preamble and delimiter 8, gap 12 (IEEE 802.3, 3.1.1 and 4.4.2)


def wire_bytes(payload: int, outer: int, align: int, mtu: int, headers: int = TCP_IP) -> int:
    """Bytes of link time that one frame with ``payload`` bytes behind ``headers`` takes.

    The inner packet is padded to a multiple of ``align`` bytes (0 or 1: not at all), but never beyond
    ``mtu`` bytes, as WireGuard pads (Donenfeld, WireGuard, 2017, 5.4.6; Linux drivers/net/wireguard/send.c,
    calculate_skb_padding); ``outer`` bytes of encapsulation go around it.
    """
    packet = payload + headers
    if align > 1:
        packet = max(packet, min(-(-packet // align) * align, mtu))
    return max(SMALLEST_PAYLOAD, packet + outer) + AROUND_FRAME
