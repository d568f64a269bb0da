"""The TCP ports that components agree on."""

SSH = 22
HTTPS = 443
APPLICATION = 3000
"""docs/application-contract.md"""
POSTGRESQL = 5432
"""Operations guide, Environment Variables: `DATABASE_URL=postgresql://…:5432/syncup`."""
CACHE = 6379
"""Redis' and Valkey's own."""
