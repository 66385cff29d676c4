"""Ways into the cluster: what announces or balances a Service's address, and proxies that understand requests."""
