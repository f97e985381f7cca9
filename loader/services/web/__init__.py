"""Web apps, function apps, and the gateways in front of APIs."""
