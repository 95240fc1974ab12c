"""The custodian bank's twin: a service with its own database, that knows no platform."""
