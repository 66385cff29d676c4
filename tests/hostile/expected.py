"""What the loader must say of each file in files/: the start of the line that names place and mistake."""

EXPECTED = {
    "a_list.yaml": ["1:1: a scenario is a mapping of apiVersion, kind, metadata, spec. Start with"],
    "a_year.yaml": ["5:19: run.duration: '8760h' is too large. The largest is 2^62 picoseconds."],
    "address_space.yaml": ["5:22: cluster.podCIDR: the cluster's podCIDR 10.244.0.0/25 has 0 free slices"],
    "bad_json.json": ["2:28: this is not YAML: did not find expected ',' or '}' while parsing a flow"],
    "bare_number.yaml": ["5:64: cluster.nodePools.n.nics[0].bandwidth: '10000' is not a bandwidth."],
    "bidi_name.yaml": ["3:18: metadata.name: 'x\\u202eevil' is not a name. Use a-z, 0-9, '-' and '.',"],
    "billion_laughs.yaml": [
        "1:4: the anchor '&a' is not allowed. Write the value out.",
        "2:8: the alias '*a' is not allowed. Write the value out.",
    ],
    "billion_nodes.yaml": ["5:42: cluster.nodePools.n.count: 1000000000 must be at most 5000."],
    "billion_replicas.yaml": ["7:40: workloads.deployment/web.replicas: 1000000000 must be at most 150000."],
    "binary.yaml": ["1:1: this is not UTF-8 text: byte 0x89. Save the file as UTF-8."],
    "bits_or_bytes.yaml": ["5:64: cluster.nodePools.n.nics[0].bandwidth: '10G' is not a bandwidth. bits"],
    "call_circle.yaml": ["7:63: workloads.deployment/web.calls: calls go round in a circle:"],
    "call_itself.yaml": ["7:63: workloads.deployment/web.calls: calls go round in a circle:"],
    "cni_as_text.yaml": ["5:8: cni: expected a mapping, not 'flannel'."],
    "colon_in_text.yaml": ["4:10: this is not YAML: mapping values are not allowed in this context. Is"],
    "compare_bad_value.yaml": ["15:48: compare.b: cluster.nodePools.n.count: 0 must be at least 1."],
    "compare_effect_elsewhere.yaml": ["15:21: compare.b: workloads.pod/client: there is no node 'n-1'. Did you mean"],
    "compare_left_over.yaml": ["16:21: compare.b: cni.backend: unknown field 'backend'. Known: blockSize,"],
    "compare_seed.yaml": ["15:21: compare.b.set.run.seed: 'run.seed' is the same for all variants."],
    "compare_sets_nothing.yaml": ["14:20: compare.a.set: expected a mapping, not a list of 1."],
    "compare_through_a_leaf.yaml": ["15:21: compare.b.set.traffic.t.rate.scale: 'rate' has nothing inside that"],
    "compare_two_of_one_name.yaml": ["15:12: compare.a.name: there are two variants named 'a'."],
    "compare_unknown_field.yaml": ["15:21: compare.b: cni.bakend: unknown field 'bakend'. Did you mean 'backend'?"],
    "compare_unknown_item.yaml": ["15:21: compare.b.set.traffic.users.rate: there is no item named 'users'."],
    "compare_without_set_name.yaml": ["14:5: compare[0]: 'name' is missing. Add name: to it."],
    "container_twice.yaml": ["7:5: workloads.deployment/web: deployment/default/web has port 80 in"],
    "deep.yaml": ["1:1003: this is not YAML: exceeded maximum nesting depth while increasing"],
    "deep_block.yaml": ["65:129: nested more than 64 levels deep."],
    "deployment_as_target.yaml": [
        "12:37: traffic.t.to: 'deployment' is not a kind of reference here. Call its Service, svc/namespace/name, or"
    ],
    "direct_routing_host_gw.yaml": ["5:8: cni: directRouting belongs to the backends vxlan and ipip, not to"],
    "duplicate_key.yaml": ["13:3: the key 'cluster' is here twice. The first is in line 5."],
    "empty.yaml": ["1:1: the file is empty. A scenario starts with apiVersion: netsim/v1alpha1."],
    "escape_sequence.yaml": ["3:18: the control character U+001B is not allowed. Is this a YAML or JSON"],
    "events_unknown.yaml": [
        "14:24: events[0].nodeDown: there is no node 'n-9'. Did you mean 'n-1'?",
        "15:23: events[1].rollout: there is no 'deployment/default/wep'. Did you mean 'deployment/default/web'?",
        "16:24: events[2].linkDown: there is no cable 'n-0-tro'. Did you mean 'n-0-tor'?",
        "17:32: events[3].applyManifests[0]: '../../../secret.yaml' leads out of the scenario's directory.",
    ],
    "events_wrong.yaml": [
        "15:5: events[1]: an event has no action. Write one of rollout, scale, nodeDown, linkDown,",
        "17:5: events[3]: replicas has no meaning for nodeDown. It belongs to scale.",
        "19:5: events[5]: linkDegrade says nothing that gets worse.",
        "20:5: events[6]: scale needs replicas.",
        "21:45: events[7].latency: '-200us' is negative.",
        "22:60: events[8].strategy.maxSurge: '1.5' is neither a number nor a share.",
    ],
    "field_of_another_cni.yaml": ["5:25: cni.backend: unknown field 'backend'. Known: blockSize,"],
    "fraction_of_a_byte.yaml": ["12:68: traffic.t.request: '1.5B' is not a whole number of bytes. The nearest"],
    "half_a_core.yaml": ["5:61: cluster.nodePools.n.capacity.cpu: '500m' is not a whole number of"],
    "headless_node_port.yaml": ["11:69: services.web.headless: a headless Service has no address to come to."],
    "host_bits.yaml": ["5:22: cluster.podCIDR: '10.244.0.1/16' is not a network. 10.244.0.1/16 has"],
    "host_network_clash.yaml": ["manifests/host_network.yaml:1:1: port 80 of node 'n-0' is taken by another"],
    "huge_exponent.yaml": ["12:52: traffic.t.rate: '1e400/s' has too large an exponent. Write for example"],
    "huge_integer.yaml": ["5:42: cluster.nodePools.n.count: expected a whole number, not"],
    "indentation.yaml": ["10:2: this is not YAML: did not find expected key while parsing a block"],
    "infinite_rate.yaml": ["12:52: traffic.t.rate: 'inf' is not a request rate. Write for example 2000/s,"],
    "internet_to_cluster_ip.yaml": ["12:36: traffic.t.via: Service 'default/web' is of type ClusterIP and has no"],
    "internet_to_pod.yaml": ["12:35: traffic.t.to: sources outside the cluster reach pods through a"],
    "internet_without_via.yaml": ["12:21: traffic.t.from: 'via' is missing: how does internet come in? Write"],
    "ipv6.yaml": ["5:22: cluster.podCIDR: IPv6 is not supported yet. Write an IPv4 network such"],
    "just_text.yaml": ["1:1: a scenario is a mapping of apiVersion, kind, metadata, spec. Start with"],
    "load_balancer_to_node_port.yaml": ["12:36: traffic.t.via: Service 'default/web' is of type NodePort, not"],
    "localhost_alone.yaml": ["12:37: traffic.t.to: pod 'default/client' has no second container. Write its"],
    "mixed_behaviours.yaml": [
        "12:14: workloads.deployment/b.target: 'svc/default/web' has pods of deployment/default/a and"
    ],
    "manifest_absolute.yaml": ["5:15: manifests[0]: '/etc/passwd' must be a path relative to the scenario's"],
    "manifest_alias.yaml": ["manifests/alias.yaml:6:27: the anchor '&labels' is not allowed. Write the"],
    "manifest_and_replicas.yaml": ["8:45: workloads.deployment/shop/web.replicas: the manifest of"],
    "manifest_bad.yaml": [
        "manifests/bad.yaml:5:13: spec.replicas: -2 must be at least 0.",
        "manifests/bad.yaml:12:33:",
        "manifests/bad.yaml:16:18: metadata.name: 'Web' is not a name. Use a-z, 0-9,",
        "manifests/bad.yaml:17:16: spec.ports[0]: 'port' is missing. Is 'prot' meant?",
    ],
    "manifest_device.yaml": ["5:15: manifests[0]: 'manifests': this is a directory. Name a file in it."],
    "manifest_missing.yaml": ["5:15: manifests[0]: 'manifests/nope.yaml': there is no such file."],
    "manifest_not_objects.yaml": [
        "manifests/not_objects.yaml:1:1: a manifest must be a mapping with apiVersion",
        "manifests/not_objects.yaml:4:1: this is no Kubernetes object: 'kind' is",
        "manifests/not_objects.yaml:6:1: this is no Kubernetes object: 'kind' is",
    ],
    "manifest_outside.yaml": ["5:15: manifests[0]: '../../test_sizes.py' leads out of the scenario's"],
    "manifest_ports.yaml": ["manifests/ports.yaml:10:7: spec.template.spec.containers: deployment/shop/web"],
    "manifest_repeated.yaml": ["5:40: manifests[1]: './manifests/selector.yaml' is listed twice."],
    "manifest_selector.yaml": ["13:37: traffic.t.to: Service 'shop/web' has no endpoints. Does its selector"],
    "manifest_unknown_target.yaml": ["8:14: workloads.deployment/shop/wbe.target: there is no"],
    "mapping_as_key.yaml": ["13:5: a key must be text, not a mapping or list. Quote text with braces in it."],
    "merge_key.yaml": ["3:12: merge keys (<<) are not allowed. Write the keys out."],
    "milli_bandwidth.yaml": ["5:64: cluster.nodePools.n.nics[0].bandwidth: '100m' is not a bandwidth. The"],
    "minutes.yaml": ["5:19: run.duration: '5min' is not a duration. Units are ns, us, ms, s, m and"],
    "mtu_below_overhead.yaml": ["5:58: cluster.nodePools.n.nics[0].mtu: MTU 600 of node 'n-0' leaves pods 550"],
    "mtu_below_weave.yaml": ["6:58: cluster.nodePools.n.nics[0].mtu: MTU 1400 of node 'n-0' is too small"],
    "nan_probability.yaml": ["8:61: workloads.pod/client.calls[0].probability: 'nan' is not a ratio. Write"],
    "negative_duration.yaml": ["5:19: run.duration: '-5s' is negative. Write for example 250us, 1.5ms or"],
    "neither_rate_nor_users.yaml": [
        "12:5: traffic.t: needs one of rate, users, bulk, datagrams, transactions, and has none."
    ],
    "no_kind.yaml": ["1:1: 'kind' is missing. Add kind: to it."],
    "no_nodes.yaml": ["4:1: spec: the cluster has no nodes. Add nodePools: [{name: web, count: 3}]."],
    "no_plugin.yaml": ["5:3: cni: 'plugin' is missing. Add plugin: to it."],
    "no_proxy_at_all.yaml": ["5:17: proxy.mode: flannel does not replace kube-proxy here. Modes for it:"],
    "no_spec.yaml": ["1:1: 'spec' is missing. Add spec: to it."],
    "node_port_out_of_range.yaml": ["10:59: services.web.nodePort: nodePort 80 of 'default/web' is out of range."],
    "node_port_twice.yaml": ["10:59: services.web.nodePort: nodePort 30080 of 'default/web' is taken by"],
    "nothing_to_do.yaml": ["4:1: spec: 'traffic' is missing. Add traffic: to it."],
    "nul.yaml": ["3:19: the control character U+0000 is not allowed. Is this a YAML or JSON"],
    "null_section.yaml": ["9:12: services: expected a list, not nothing."],
    "only_comments.yaml": ["1:1: the file has no content but comments. Start with `netsim init`."],
    "overlapping_networks.yaml": ["5:12: cluster: podCIDR 10.96.0.0/16 and serviceCIDR 10.96.0.0/12 overlap."],
    "p99_below_median.yaml": ["12:68: traffic.t.request: p99 must be above median, and median above 0."],
    "pareto_without_mean.yaml": ["12:68: traffic.t.request: p99 is 100 times min or more, so the law has no"],
    "path_as_name.yaml": ["3:18: metadata.name: '../../etc/passwd' is not a name. Use a-z, 0-9, '-' and"],
    "policies_wrong.yaml": [
        "manifests/policies.yaml:7:29: spec.ingress[0].from[0].ipBlock.cidr: '300.0.0.0/8' is not a CIDR.",
        "manifests/policies.yaml:7:54: spec.ingress[0].from[1].ipBlock: except 192.168.0.0/16 is not a part of cidr",
        "manifests/policies.yaml:8:13: spec.ingress[0].ports[0]: endPort 80 is less than port 8080.",
        "manifests/policies.yaml:13:62: spec.podSelector.matchExpressions[0].operator: 'in' is not known. Did you mean",
        "manifests/policies.yaml:13:96: spec.policyTypes[0]: 'Inbound' is not known. Known: Egress, Ingress.",
        "manifests/policies.yaml:18:7: spec: expected a mapping, not a list of 1.",
    ],
    "policy_of_cluster_ip.yaml": ["10:66: services.web.externalTrafficPolicy: externalTrafficPolicy needs type"],
    "port_clash_in_pod.yaml": ["7:43: workloads.deployment/web.containers: deployment/default/web has port 80"],
    "port_zero.yaml": ["7:51: workloads.deployment/web.ports[0]: 0 must be at least 1."],
    "probability_above_one.yaml": ["8:61: workloads.pod/client.calls[0].probability: 120% is out of range. Write"],
    "python_tag.yaml": ["3:18: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not"],
    "rate_and_users.yaml": [
        "12:5: traffic.t: needs one of rate, users, bulk, datagrams, transactions, not rate and users"
    ],
    "reference_with_dots.yaml": ["12:37: traffic.t.to: 'svc/../../etc' is not a reference. Write for example"],
    "replicas_of_a_pod.yaml": ["8:36: workloads.pod/client.replicas: a pod has no replicas. Leave it out."],
    "rps.yaml": ["12:52: traffic.t.rate: '2000rps' is not a request rate. Write 2000/s."],
    "rtt_from_inside.yaml": ["12:51: traffic.t.rtt: rtt is for traffic from the internet. From is"],
    "same_pool_twice.yaml": ["5:46: cluster.nodePools.n: there are two nodes named 'n-0'."],
    "scheduler_of_another_mode.yaml": ["5:27: proxy.scheduler: unknown field 'scheduler'. Known: masqueradeAll,"],
    "several_errors.yaml": [
        "5:42: cluster.nodePools.n.count: 0 must be at least 1.",
        "10:5: services.web: 'selector' is missing. Is 'selektor' meant?",
        "10:17: services.web.selektor: unknown field 'selektor'. Did you mean",
        "12:52: traffic.t.rate: '100' is not a request rate. Write 100/s.",
    ],
    "silent_target_port.yaml": ["10:55: services.web.targetPort: nothing listens on port 8080 in"],
    "slo_later.yaml": ["13:3: slo: 'slo' is not supported yet. Leave it out."],
    "stages_longer_than_run.yaml": ["12:52: traffic.t.rate: the stages end at 20s, after the run. It lasts 10s."],
    "sweep_later.yaml": ["13:3: sweep: 'sweep' is not supported yet. Leave it out."],
    "sync_period_without_unit.yaml": ["5:39: proxy.syncPeriod: '30' is not a duration."],
    "sync_periods_backwards.yaml": ["5:10: proxy: minSyncPeriod is longer than syncPeriod. kube-proxy refuses"],
    "tabs.yaml": ["5:1: this is not YAML: found character that cannot start any token while"],
    "text_as_number.yaml": ["7:40: workloads.deployment/web.replicas: expected a whole number, not '2'."],
    "timeout_without_unit.yaml": ["10:30: workloads.pod/client.calls[0].timeout: '50' is not a duration."],
    "datagram_request_too_large.yaml": ["12:83: traffic.t.request: datagrams of 9000 bytes do not fit an interface,"],
    "dns_label_too_long.yaml": ["12:71: traffic.t.dns.name: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    "dns_without_server.yaml": ["12:59: traffic.t.dns: there is no 'svc/kube-system/kube-dns'. Describe CoreDNS as a"],
    "timeout_of_a_bulk.yaml": ["12:65: traffic.t.timeout: timeout does not go with bulk. Leave it out."],
    "tls_over_udp.yaml": ["12:5: traffic.t: TLS needs TCP. Leave out connections.tls, or protocol."],
    "too_many_retries.yaml": ["12:68: traffic.t.retries: 1000000000 must be at most 10."],
    "tiny_mtu.yaml": ["5:58: cluster.nodePools.n.nics[0].mtu: 20 must be at least 576."],
    "too_long_name.yaml": ["3:18: metadata.name:"],
    "too_many_pods.yaml": ["7:5: workloads.deployment/web: pod default/web-220 fits on no node: all are"],
    "too_many_requests.yaml": ["12:52: traffic.t.rate: this rate makes 1,000,000,000 requests. At most"],
    "trillion_per_second.yaml": ["12:52: traffic.t.rate: 1000000000000/s is out of range. Write 0/s to"],
    "two_documents.yaml": ["14:1: a second document starts here. A scenario file has one."],
    "two_nics.yaml": ["5:51: cluster.nodePools.n.nics: a list of 2 must have at most 1 item(s)."],
    "two_traffics_of_one_name.yaml": ["13:12: traffic.t.name: there are two traffics named 't'."],
    "unclosed.yaml": ["5:43: this is not YAML: did not find expected ',' or '}' while parsing a flow"],
    "unknown_backend.yaml": ["5:35: cni.backend: 'vxlam' is not known. Did you mean 'vxlan'? Known:"],
    "unknown_cni.yaml": ["5:17: cni.plugin: There is no CNI plugin 'flanel'. Did you mean 'flannel'?"],
    "unknown_external.yaml": ["12:37: traffic.t.to: there is no 'external/db'. There is no external at all."],
    "unknown_fabric.yaml": ["5:22: fabric.topology: There is no fabric 'leafspine'. Did you mean"],
    "unknown_field.yaml": ["5:3: clutser: unknown field 'clutser'. Did you mean 'cluster'? Known:"],
    "unknown_kind_of_reference.yaml": ["12:37: traffic.t.to: 'service' is not a kind of reference here. Did you mean"],
    "unknown_law.yaml": ["12:68: traffic.t.request: 'gaussian' is not known. Known: constant,"],
    "unknown_node.yaml": ["12:21: traffic.t.from: there is no 'node/n-2'. Did you mean 'node/n-1'?"],
    "unknown_pinned_node.yaml": ["8:5: workloads.pod/client: there is no node 'n-9'. Did you mean 'n-1'? Known:"],
    "unknown_pod.yaml": ["12:21: traffic.t.from: there is no 'pod/default/clinet'. Did you mean"],
    "unknown_port.yaml": ["12:52: traffic.t.port: 'svc/default/web' does not listen on port 8080. Its"],
    "unknown_proxy.yaml": ["5:17: proxy.mode: There is no proxy mode 'iptable'. Did you mean 'iptables'?"],
    "unknown_scheduler.yaml": ["5:34: proxy.scheduler: 'rrr' is not known. Did you mean 'rr'?"],
    "unknown_selector.yaml": ["10:27: services.web.selector: there is no 'deployment/default/wbe'. Did you"],
    "unknown_service.yaml": ["12:37: traffic.t.to: there is no 'svc/default/wbe'. Did you mean"],
    "unknown_strategy.yaml": ["5:38: cluster.loadBalancer.strategy: 'round-robbin' is not known. Did you"],
    "unknown_sysctl.yaml": ["5:55: cluster.nodePools.n.sysctls.net.netfilter.nf_conntrack_maximum: unknown"],
    "upper_case_name.yaml": ["3:18: metadata.name: 'My_Test' is not a name. Use a-z, 0-9, '-' and '.', a"],
    "utf16.yaml": ["1:1: this is not UTF-8 text: byte 0xff. Save the file as UTF-8."],
    "via_from_inside.yaml": ["12:51: traffic.t.via: via is for sources outside the cluster. From is"],
    "warm_up_too_long.yaml": ["5:31: run.warmup: the warm-up is as long as the run. Shorten it."],
    "weights_do_not_match.yaml": ["12:68: traffic.t.request: there are 2 values and 1 weights."],
    "workload_twice.yaml": ["9:5: workloads.pod/default/client: there are two pods named 'default/client'."],
    "wrong_kind.yaml": ["2:7: kind: 'Scenari' is not known. Did you mean 'Scenario'? Known: Scenario."],
    "wrong_version.yaml": ["1:13: apiVersion: 'netsim/v1' is not known. Known: netsim/v1alpha1."],
    "zero_bandwidth.yaml": ["5:64: cluster.nodePools.n.nics[0].bandwidth: 0bit is out of range. Write"],
    "zero_bytes.yaml": ["12:68: traffic.t.request: 0B is out of range. Write 1B to 1GiB."],
    "zero_duration.yaml": ["5:19: run.duration: 0 is out of range. Write 1ps to 24h."],
    "zero_nodes.yaml": ["5:42: cluster.nodePools.n.count: 0 must be at least 1."],
    "zero_rate.yaml": ["12:52: traffic.t.rate: a rate of 0 makes no request. Write for example 2000/s."],
    "bulk_and_rate.yaml": ["12:5: traffic.t: needs one of rate, users, bulk, datagrams, transactions, not rate and"],
    "bulk_size_and_duration.yaml": ["12:52: traffic.t.bulk: has both size and duration. A stream ends by one of them."],
    "bulk_response.yaml": ["12:76: traffic.t.response: response does not go with bulk. Nothing is answered."],
    "bulk_after_the_run.yaml": ["13:63: traffic.t.bulk.duration: it would end at 200ms, after the run. The run lasts"],
    "bulk_without_streams.yaml": ["12:62: traffic.t.bulk.streams: 0 must be at least 1."],
    "unknown_congestion_control.yaml": [
        "12:72: traffic.t.bulk.congestionControl: there is no congestion control 'cubik'. Did you"
    ],
    "bulk_to_nobody.yaml": [
        "11:28: services.none.selector: there is no 'deployment/default/none'. Did you mean",
        "13:37: traffic.t.to: Service 'default/none' has no endpoints. Does its selector match the",
    ],
    "more_streams_than_ports.yaml": ["12:62: traffic.t.bulk.streams: 33 streams are more than the 32 ports that"],
    "more_processes_than_ports.yaml": [
        "12:72: traffic.t.transactions.processes: 28233 processes are more than the 28232 ports"
    ],
    "port_range_backwards.yaml": [
        "5:85: cluster.nodePools.n.sysctls.net.ipv4.ip_local_port_range: '60999 32768' is not a"
    ],
    "fragmented_datagrams.yaml": [
        "13:64: traffic.t.datagrams.size: datagrams of 1423 bytes do not fit an interface, and fragments are not "
        "modelled. The MTU of pods with Flannel vxlan is 1450: at most 1422 bytes."
    ],
    "datagrams_beyond_ip.yaml": ["12:64: traffic.t.datagrams.size: 65508B is out of range. Write 1B to 65507B."],
    "datagram_connections.yaml": [
        "12:74: traffic.t.connections: connections does not go with datagrams. Datagrams need"
    ],
    "datagrams_without_end.yaml": [
        "12:74: traffic.t.datagrams.rate: this rate makes 12,500,000,000 datagrams. At most"
    ],
    "unpaced_internet.yaml": [
        "12:70: traffic.t.datagrams: datagrams from the internet need a rate: no core limits their"
    ],
    "thinking_transactions.yaml": [
        "12:75: traffic.t.thinkTime: thinkTime does not go with transactions. Processes ask again"
    ],
    "transaction_connections.yaml": ["12:90: traffic.t.connections: connections does not go with transactions."],
    "window_of_zero.yaml": ["5:30: transport.receiveWindow: 0B is out of range. Write 1B to 1GiB."],
    "window_below_a_segment.yaml": [
        "5:30: transport.receiveWindow: a window of 1400B does not hold a packet of 1500 bytes."
    ],
    "initial_window_of_zero.yaml": ["5:30: transport.initialWindow: 0 must be at least 1."],
    "dctcp_without_ecn.yaml": ["5:14: transport: dctcp cannot do without ecn. Leave ecn out."],
    "unknown_loss_detection.yaml": [
        "5:30: transport.lossDetection: 'sack' is not known. Did you mean 'rack'? Known: dupack,"
    ],
    "loss_above_one.yaml": ["5:39: fabric.cableLoss: a loss of 101% is more than all. Write 0% to 100%."],
    "uplink_loss_above_one.yaml": [
        "5:53: fabric.leafUplink.loss: '2' is a loss of 200%, which is more than all. Write 0% to 100%;"
    ],
    "negative_loss.yaml": ["5:39: fabric.cableLoss: '-1%' is negative. Write for example 0.1% or 0.001."],
    "threshold_above_buffer.yaml": [
        "5:11: fabric: ecnThreshold 65KiB is above portBuffer 64KiB, so that nothing is marked."
    ],
    "fabric_mtu_too_small.yaml": ["5:33: fabric.mtu: 500 must be at least 576."],
    "fewer_leaves_than_zones.yaml": ["5:11: fabric: 1 leaves cannot serve 2 zones; write leaves: 2 or more."],
    "mtu_beyond_any_nic.yaml": ["5:58: cluster.nodePools.n.nics[0].mtu: 10000 must be at most 9978."],
    "mtu_beyond_the_fabric.yaml": [
        "5:58: cluster.nodePools.n.nics[0].mtu: MTU 9500 is more than the 9216 bytes that the"
    ],
    "pools_differ.yaml": [
        "8:52: cluster.nodePools.b.nics.eth0.tso: tso is false here and true in pool 'a'. All",
        "9:32: cluster.nodePools.c.aes: aes is false here and true in pool 'a'. All nodes share",
        "10:43: cluster.nodePools.d.nics[0].bigTcp: bigTcp is 192KiB here and left out in pool",
    ],
    "big_tcp_too_big.yaml": ["5:61: cluster.nodePools.n.nics[0].bigTcp: 1MiB is out of range. Write 64KiB to 512KiB."],
    "moderation_too_long.yaml": [
        "5:74: cluster.nodePools.n.nics[0].interruptModeration: 1s is out of range. Write off, adaptive, or a time of"
    ],
    "datagrams_at_no_rate.yaml": [
        "13:64: traffic.t.datagrams.rate: '0' is not a bandwidth. Write for example 10Mbit, 10Gbit or 1.25GB/s."
    ],
    "compare_other_kind.yaml": [
        "16:43: compare.b: traffic.t: it is datagrams here and bulk in variant 'a'. Results are compared traffic by"
    ],
    "compare_other_traffic.yaml": ["16:21: compare.b: traffic: its traffics are not t, as in variant 'a'."],
    "unknown_moderation.yaml": [
        "5:74: cluster.nodePools.n.nics[0].interruptModeration: 'auto' is neither off nor adaptive"
    ],
}
