# ruff: noqa: E501 (an answer is one line, here as well)
"""Every mistake in a stack file ends in one line: file, line, key, value, and what is right."""

from pathlib import Path

import pytest

from tests.infra.project import STACK_FILE
from tests.infra.slips import Slip, assert_answered

SLIPS = [
    Slip("  aws:region", "\taws:region", "the line begins with a tab: indent with spaces"),
    Slip("zones: [us-west-2a,", "zones: [us-west-2a: ,", "syncup:network.zones[0] is empty: write text"),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 10.20.0.0/16\n    cidr: 10.21.0.0/16",
        "syncup:network.cidr stands here twice (the first is in line 11): keep one",
        "cidr: 10.21.0.0/16",
    ),
    Slip(
        "protect: true",
        "protect: yes",
        'syncup:environment.protect is yes: that is true to some readers of YAML and text to others: write true or "yes"',
    ),
    Slip("protect: true", 'protect: "true"', "syncup:environment.protect is true: write it without quotes"),
    Slip("protect: true", "protect: True ish", "syncup:environment.protect is True ish: write true or false"),
    Slip("protect: true", "protect: 1", "syncup:environment.protect is 1: write true or false"),
    Slip("protect: true", "protect:", "syncup:environment.protect is empty: write true or false"),
    Slip("min_size: 3", 'min_size: "3"', "syncup:application.min_size is 3: write it without quotes"),
    Slip(
        "min_size: 3",
        "min_size: three",
        "syncup:application.min_size is three: write a whole number, 1 to 100",
    ),
    Slip(
        "min_size: 3", "min_size: 3.5", "syncup:application.min_size is 3.5: write a whole number, 1 to 100"
    ),
    Slip("min_size: 3", "min_size: 0", "syncup:application.min_size is 0: write a whole number, 1 to 100"),
    Slip(
        "min_size: 3",
        "min_size: 13",
        "syncup:application.max_size is 12: it is below min_size, write 13 or more",
        "max_size: 12",
    ),
    Slip(
        "min_size: 3",
        "min_size: 010",
        'syncup:application.min_size is 010: readers of YAML differ on what that is: write "010" for text, or a plain number',
    ),
    Slip(
        "min_size: 3",
        "min_size: 1_0",
        'syncup:application.min_size is 1_0: readers of YAML differ on what that is: write "1_0" for text, or a plain number',
    ),
    Slip("  syncup:network:", "  syncup:netwrok:", "syncup:netwrok is no known key: write syncup:network"),
    Slip("  syncup:network:", "  network:", "network has no namespace: write syncup:network"),
    Slip(
        "    cidr: 10.20.0.0/16\n",
        "",
        "syncup:network.cidr is missing: add text such as 10.20.0.0/16",
        "syncup:network:",
    ),
    Slip("cidr: 10.20.0.0/16", "cidrs: 10.20.0.0/16", "syncup:network.cidrs is no known key: write cidr"),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 10.20.0.0/30",
        "syncup:network.cidr is 10.20.0.0/30: too small for its subnets: /22 is the least",
    ),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 10.20.0.1/16",
        "syncup:network.cidr is 10.20.0.1/16: the address is inside its range, write 10.20.0.0/16",
    ),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 10.20.0.0",
        "syncup:network.cidr is 10.20.0.0: this is no IPv4 range, write one such as 10.20.0.0/16",
    ),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 8.8.0.0/16",
        "syncup:network.cidr is 8.8.0.0/16: the range is not private, write one inside 10.0.0.0/8",
    ),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 10.20.0.0-10.20.255.255",
        "syncup:network.cidr is 10.20.0.0-10.20.255.255: this is no IPv4 range, write one such as 10.20.0.0/16",
    ),
    Slip(
        "cidr: 10.20.0.0/16",
        "cidr: 10.120.0.0/16",
        "syncup:access.client_cidr is 10.120.0.0/22: it overlaps syncup:network.cidr (10.120.0.0/16), write a range apart from it",
        "client_cidr: 10.120.0.0/22",
    ),
    Slip(
        "client_cidr: 10.120.0.0/22",
        "client_cidr: 10.120.0.0/24",
        "syncup:access.client_cidr is 10.120.0.0/24: a Client VPN takes a range of /12 to /22",
    ),
    Slip(
        "client_cidr: 10.120.0.0/22",
        "client_cidr: 10.20.4.0/22",
        "syncup:access.client_cidr is 10.20.4.0/22: it overlaps syncup:network.cidr (10.20.0.0/16), write a range apart from it",
    ),
    Slip(
        "zones: [us-west-2a, us-west-2b, us-west-2c]",
        "zones: [us-west-2a, us-west-2a, us-west-2c]",
        "syncup:network.zones[1] is us-west-2a: it is listed twice, keep one",
    ),
    Slip(
        "zones: [us-west-2a, us-west-2b, us-west-2c]",
        "zones: [us-west-2a, us-east-1b, us-west-2c]",
        "syncup:network.zones[1] is us-east-1b: it is no zone of us-west-2, write one such as us-west-2b",
    ),
    Slip(
        "zones: [us-west-2a, us-west-2b, us-west-2c]",
        "zones: us-west-2a",
        "syncup:network.zones is us-west-2a: write a list of 2 or more such as [us-west-2a, us-west-2b, us-west-2c]",
    ),
    Slip(
        "zones: [us-west-2a, us-west-2b, us-west-2c]",
        "zones: [us-west-2a]",
        "syncup:network.zones is [us-west-2a]: write a list of 2 or more such as [us-west-2a, us-west-2b, us-west-2c]",
    ),
    Slip(
        "zones: [us-west-2a, us-west-2b, us-west-2c]",
        "zones: [us-west-2a, us-west-2b, us-west-2z]",
        "syncup:network.zones[2] is us-west-2z: it is no zone of us-west-2, write one such as us-west-2c",
    ),
    Slip("nat: per_zone", "nat: per-zone", "syncup:network.nat is per-zone: write per_zone"),
    Slip("nat: per_zone", "nat: none", "syncup:network.nat is none: write one of per_zone, single"),
    Slip(
        "aws:region: us-west-2",
        "aws:region: us-west2",
        "aws:region is us-west2: there is no such AWS region, write us-west-2",
    ),
    Slip("aws:region: us-west-2", "aws:regoin: us-west-2", "aws:regoin is no known key: write aws:region"),
    Slip(
        "recovery_region: us-east-2",
        "recovery_region: us-west-2",
        "syncup:environment.recovery_region is us-west-2: it is the region itself (aws:region), write another one",
    ),
    Slip(
        "global_region: us-east-1",
        "global_region: us-east-2",
        "syncup:environment.global_region is us-east-2: write us-east-1",
    ),
    Slip(
        '["111122223333"]',
        '["1111-2222-3333"]',
        "aws:allowedAccountIds[0] is 1111-2222-3333: write the account's twelve digits in quotes",
    ),
    Slip(
        '["111122223333"]',
        '["111122223333", "444455556666"]',
        "aws:allowedAccountIds is [111122223333, 444455556666]: one environment is one account, write exactly one",
    ),
    Slip(
        '["111122223333"]',
        "[111122223333]",
        'aws:allowedAccountIds[0] is 111122223333: text is wanted here, put it in quotes as in "111122223333"',
    ),
    Slip(
        '["111122223333"]',
        "111122223333",
        'aws:allowedAccountIds is 111122223333: write a list such as ["111122223333"]',
    ),
    Slip(
        '["111122223333"]',
        "[011122223333]",
        'aws:allowedAccountIds[0] is 011122223333: readers of YAML differ on what that is: write "011122223333" for text, or a plain number',
    ),
    Slip(
        "access/identity-provider.xml",
        "access/idp.xml",
        "syncup:access.saml_metadata is access/idp.xml: there is no such file: save the identity provider's metadata there",
    ),
    Slip(
        "access/identity-provider.xml",
        "/etc/idp.xml",
        "syncup:access.saml_metadata is /etc/idp.xml: write a path below the project's folder, ending in .xml",
    ),
    Slip(
        "session_hours: 8", "session_hours: 9", "syncup:access.session_hours is 9: write one of 8, 10, 12, 24"
    ),
    Slip(
        "session_hours: 8",
        "session_hours: 8h",
        "syncup:access.session_hours is 8h: write one of 8, 10, 12, 24",
    ),
    Slip(
        "instance_type: t4g.nano",
        "instance_type: t4g-nano",
        "syncup:access.bastion.instance_type is t4g-nano: this is no instance type, write one such as m7g.large",
    ),
    Slip(
        "image_id: ami-0a1b2c3d4e5f60718",
        "image_id: latest",
        "syncup:access.bastion.image_id is latest: write an image id such as ami-0a1b2c3d4e5f60718",
    ),
    Slip(
        "instance_types: [m7g.large, m6g.large]",
        "instance_types: [m7g.large, m7i.large]",
        "syncup:application.instance_types[1] is m7i.large: its processor is x86_64 and that of m7g.large is arm64, but all start from one image: write types of one kind",
    ),
    Slip(
        "instance_types: [m7g.large, m6g.large]",
        "instance_types: [m7g.large, m7g.large]",
        "syncup:application.instance_types[1] is m7g.large: it is listed twice, keep one",
    ),
    Slip(
        'engine_version: "17"',
        "engine_version: 17",
        'syncup:database.engine_version is 17: text is wanted here, put it in quotes as in "17"',
    ),
    Slip(
        "instance_class: db.m7g.large",
        "instance_class: m7g.large",
        "syncup:database.instance_class is m7g.large: write db.m7g.large",
    ),
    Slip(
        "instance_class: db.m7g.large",
        "instance_class: db.m7g.larg",
        "syncup:database.instance_class is db.m7g.larg: this is no instance type, write one such as db.m7g.large",
    ),
    Slip(
        "storage_gib: 200",
        "storage_gib: 2000",
        "syncup:database.max_storage_gib is 1000: RDS wants a tenth more than storage_gib at least, write 2200 or more",
        "max_storage_gib: 1000",
    ),
    Slip(
        "storage_gib: 200",
        "storage_gib: 200GiB",
        "syncup:database.storage_gib is 200GiB: write a whole number, 20 to 65536",
    ),
    Slip(
        "storage_gib: 200",
        "storage_gib: -200",
        "syncup:database.storage_gib is -200: write a whole number, 20 to 65536",
    ),
    Slip(
        'backup_window: "09:00-10:00"',
        'backup_window: "02:30-03:30"',
        "syncup:database.backup_window is 02:30-03:30: it falls into the maintenance window (sunday 02:00-04:00 UTC), write other hours",
    ),
    Slip(
        'backup_window: "09:00-10:00"',
        'backup_window: "9:00-10:00"',
        "syncup:database.backup_window is 9:00-10:00: write a daily window in UTC such as 09:00-10:00",
    ),
    Slip(
        'backup_window: "09:00-10:00"',
        "backup_window: 09:00",
        'syncup:database.backup_window is 09:00: readers of YAML differ on what that is: write "09:00" for text, or a plain number',
    ),
    Slip(
        'backup_window: "09:00-10:00"',
        'backup_window: "09:00-09:20"',
        "syncup:database.backup_window is 09:00-09:20: the window lasts 20 minutes, AWS wants 60 or more",
    ),
    Slip(
        'backup_window: "09:00-10:00"',
        'backup_window: "05:00-23:00"',
        "syncup:database.backup_window is 05:00-23:00: the windows sun:02:00-sun:04:00 and 05:00-23:00 leave no 3 hours of the day in which RDS can be backed up: make them shorter",
    ),
    Slip("active: g1", "active: g2", "syncup:database.active is g2: there is no such generation, write g1"),
    Slip(
        "active: g1",
        "active: [g1, g2]",
        "syncup:database.active is [g1, g2]: one value is wanted here, such as g1",
    ),
    Slip(
        "active: g1",
        "active: g1\n    active: g2",
        "syncup:database.active stands here twice (the first is in line 36): keep one",
        "active: g2",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: snapshot }",
        "syncup:database.generations.g1.source is missing: add the snapshot's identifier",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: nothing, source: x }",
        "syncup:database.generations.g1.source is x: a generation from nothing has no source, leave it out or change from",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: backup }",
        "syncup:database.generations.g1.from is backup: write one of nothing, snapshot, point_in_time, replicated_backup",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: nothing",
        "syncup:database.generations.g1 is nothing: write a mapping with the keys from, source, at",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: nothing }\n      g1: { from: nothing }",
        "syncup:database.generations.g1 stands here twice (the first is in line 38): keep one",
        "g1: { from: nothing }\n\n",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: nothing }\n      g2: { from: point_in_time, source: g2 }",
        "syncup:database.generations.g2.source is g2: a generation cannot come from itself, write an earlier one",
        "g2: { from: point_in_time, source: g2 }",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: nothing }\n      g2: { from: point_in_time, source: g7 }",
        "syncup:database.generations.g2.source is g7: there is no such generation, write g1",
        "g2: { from: point_in_time, source: g7 }",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: nothing }\n      g2: { from: point_in_time, source: g1, at: 2024-01-15 14:30:00 }",
        'syncup:database.generations.g2.at is 2024-01-15 14:30:00: readers of YAML differ on what that is: write "2024-01-15 14:30:00" for text, or a plain number',
        "g2: { from: point_in_time, source: g1, a",
    ),
    Slip(
        "g1: { from: nothing }",
        'g1: { from: nothing }\n      g2: { from: point_in_time, source: g1, at: "2024-01-15T14:30" }',
        "syncup:database.generations.g2.at is 2024-01-15T14:30: write a point in time in UTC such as 2024-01-15 14:30:00",
        "g2: { from: point_in_time, source: g1, a",
    ),
    Slip(
        "g1: { from: nothing }",
        'g1: { from: nothing }\n      g2: { from: point_in_time, source: g1, at: "2024-02-30 14:30:00" }',
        "syncup:database.generations.g2.at is 2024-02-30 14:30:00: write a point in time in UTC such as 2024-01-15 14:30:00",
        "g2: { from: point_in_time, source: g1, a",
    ),
    Slip(
        "g1: { from: nothing }",
        'g1: { from: nothing, at: "2024-01-15 14:30:00" }',
        "syncup:database.generations.g1.at is 2024-01-15 14:30:00: a generation from: nothing has no point in time, leave it out or change from",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: replicated_backup, source: db-ABC }",
        "syncup:database.generations.g1.source is db-ABC: write the replicated backup's identifier, which begins with ab-",
    ),
    Slip(
        "g1: { from: nothing }",
        "first: { from: nothing }",
        "syncup:database.generations.first is no fitting key: write a generation's name such as g1",
    ),
    Slip(
        "g1: { from: nothing }",
        "g1: { from: nothing, active: true }",
        "syncup:database.generations.g1.active is no known key: write one of from, source, at",
    ),
    Slip("  syncup:audit:", "  audit:", "audit has no namespace: write syncup:audit"),
    Slip(
        "  syncup:network:",
        "  datadog:apiKey: abc\n  syncup:network:",
        "datadog:apiKey is a credential: it comes from the environment, `pulumi config rm datadog:apiKey`",
    ),
    Slip(
        "  syncup:network:",
        "  aws:secretKey: {secure: v1}\n  syncup:network:",
        "aws:secretKey is a credential: it comes from the environment, `pulumi config rm aws:secretKey`",
    ),
    Slip("config:", "configs:", "configs is no known key: write config"),
    Slip(
        "  syncup:network:",
        "  syncup:extra: 1\n  syncup:network:",
        "syncup:extra is no known key: write one of aws:region, aws:allowedAccountIds, syncup:environment, syncup:network, syncup:access, syncup:application, syncup:database, syncup:backups, syncup:cache, syncup:edge, syncup:logs, syncup:monitoring, syncup:on_call, syncup:audit",
    ),
    Slip(
        "vault_lock: { min_days: 7, max_days: 400 }",
        "vault_lock: { min_days: 31, max_days: 400 }",
        "syncup:backups.vault_lock.min_days is 31: the vault would refuse copies that are kept for 30d, write 30 or less",
    ),
    Slip(
        "vault_lock: { min_days: 7, max_days: 400 }",
        "vault_lock: { min_days: 7, max_days: 29 }",
        "syncup:backups.vault_lock.max_days is 29: the vault would refuse copies that are kept for 30d, write 30 or more",
    ),
    Slip(
        "vault_lock: { min_days: 7, max_days: 400 }",
        "vault_lock: { min_days: 7 }",
        "syncup:backups.vault_lock.max_days is missing: add a whole number, 1 to 36500",
    ),
    Slip(
        "vault_lock: { min_days: 7, max_days: 400 }",
        "vault_lock: { min_days: 7d, max_days: 400 }",
        "syncup:backups.vault_lock.min_days is 7d: write a whole number, 1 to 36500",
    ),
    Slip(
        "lock_mode: governance",
        "lock_mode: Compliance",
        "syncup:backups.lock_mode is Compliance: write compliance",
    ),
    Slip(
        "engine: valkey",
        "engine: redis",
        'syncup:cache.engine_version is 8.1: Redis ends at 7.1 in ElastiCache, write "7.1" or take valkey',
        'engine_version: "8.1"',
    ),
    Slip(
        "engine: valkey", "engine: memcached", "syncup:cache.engine is memcached: write one of valkey, redis"
    ),
    Slip(
        'engine_version: "8.1"',
        'engine_version: "7.1"',
        'syncup:cache.engine_version is 7.1: Valkey begins at 7.2, write "7.2" or later',
    ),
    Slip(
        'engine_version: "8.1"',
        'engine_version: "8"',
        'syncup:cache.engine_version is 8: write major and minor version, such as "8.1"',
    ),
    Slip(
        "node_type: cache.m7g.large",
        "node_type: m7g.large",
        "syncup:cache.node_type is m7g.large: write cache.m7g.large",
    ),
    Slip("replicas: 2", "replicas: 6", "syncup:cache.replicas is 6: write a whole number, 1 to 5"),
    Slip(
        "snapshot_retention_days: 30",
        "snapshot_retention_days: 7",
        "syncup:cache.snapshot_retention_days is 7: the guide keeps backups for 30d, write 30 or more",
    ),
    Slip(
        "snapshot_retention_days: 30",
        "snapshot_retention_days: 40",
        "syncup:cache.snapshot_retention_days is 40: write a whole number, 1 to 35",
    ),
    Slip(
        'snapshot_window: "10:00-11:00"',
        'snapshot_window: "01:30-02:30"',
        "syncup:cache.snapshot_window is 01:30-02:30: it falls into the maintenance window (sunday 02:00-04:00 UTC), write other hours",
    ),
    Slip(
        "domain: syncup.example.com",
        "domain: https://syncup.example.com/",
        "syncup:edge.domain is https://syncup.example.com/: write a domain in small letters, without https:// and path, such as syncup.example.com",
    ),
    Slip(
        "domain: syncup.example.com",
        "domain: SyncUp.example.com",
        "syncup:edge.domain is SyncUp.example.com: write a domain in small letters, without https:// and path, such as syncup.example.com",
    ),
    Slip(
        "domain: syncup.example.com",
        "domain: localhost",
        "syncup:edge.domain is localhost: write a domain in small letters, without https:// and path, such as syncup.example.com",
    ),
    Slip(
        "hosted_zone_id: Z0123456789ABCDEFGHIJ",
        "hosted_zone_id: syncup.example.com",
        "syncup:edge.hosted_zone_id is syncup.example.com: write a Route 53 zone's id, which begins with Z",
    ),
    Slip(
        "front_end: application",
        "front_end: vercel",
        "syncup:edge.vercel_domain is missing: the front end is on Vercel, add its domain there",
        "syncup:edge:",
    ),
    Slip(
        "front_end: application",
        "front_end: application\n    vercel_domain: syncup.vercel.app",
        "syncup:edge.vercel_domain is syncup.vercel.app: the front end is not on Vercel, leave it out or write front_end: vercel",
        "vercel_domain: syncup.vercel.app",
    ),
    Slip(
        "front_end: application",
        "front_end: vercel\n    vercel_domain: syncup.example.com",
        "syncup:edge.vercel_domain is syncup.example.com: that is syncup:edge.domain, write the domain that Vercel gave: the edge asks it",
        "vercel_domain: syncup.example.com",
    ),
    Slip("front_end: application", "front_end: versel", "syncup:edge.front_end is versel: write vercel"),
    Slip(
        "requests_per_5_minutes: 2000",
        "requests_per_5_minutes: 5",
        "syncup:edge.requests_per_5_minutes is 5: write a whole number, 10 to 2000000000",
    ),
    Slip(
        "requests_per_5_minutes: 2000",
        "requests_per_5_minutes: 2_000",
        'syncup:edge.requests_per_5_minutes is 2_000: readers of YAML differ on what that is: write "2_000" for text, or a plain number',
    ),
    Slip(
        "retention_days: 365",
        "retention_days: 100",
        "syncup:logs.retention_days is 100: CloudWatch has no such retention, write 120",
    ),
    Slip(
        "retention_days: 365",
        "retention_days: 4000",
        "syncup:logs.retention_days is 4000: CloudWatch has no such retention, write 3653",
    ),
    Slip(
        "r7g.large.search",
        "r7g.large",
        "syncup:logs.search.instance_type is r7g.large: write r7g.large.search",
    ),
    Slip(
        "data_nodes: 3", "data_nodes: 1", "syncup:logs.search.data_nodes is 1: write a whole number, 2 to 80"
    ),
    Slip(
        "data_nodes: 3",
        "data_nodes: 2",
        "syncup:logs.search.data_nodes is 2: they cannot be spread over 3 zones, write 3",
    ),
    Slip(
        "engine_version: OpenSearch_2.19",
        "engine_version: Elasticsearch_7.10",
        "syncup:logs.search.engine_version is Elasticsearch_7.10: write the engine and its version, such as "
        "OpenSearch_2.19",
    ),
    Slip("master_nodes: 3", "master_nodes: 2", "syncup:logs.search.master_nodes is 2: write one of 3, 5"),
    Slip(
        "master_nodes: 3",
        'master_nodes: "3"',
        "syncup:logs.search.master_nodes is 3: write it without quotes",
    ),
    Slip(
        "runbooks_url: https://",
        "runbooks_url: http://",
        "syncup:monitoring.runbooks_url is http://github.com/example/syncup-infrastructure/blob/main/d…: write an https:// address without a slash at its end",
    ),
    Slip(
        "docs/runbooks",
        "docs/runbooks/",
        "syncup:monitoring.runbooks_url is https://github.com/example/syncup-infrastructure/blob/main/…: write an https:// address without a slash at its end",
    ),
    Slip(
        "site: datadoghq.com",
        "site: datadog.com",
        "syncup:monitoring.datadog.site is datadog.com: write datadoghq.com",
    ),
    Slip(
        "page_id: kctbh9vrtdwd",
        "page_id: https://x.statuspage.io",
        "syncup:monitoring.status_page.page_id is https://x.statuspage.io: write StatusPage.io's id, twelve small letters and digits",
    ),
    Slip(
        "application: 8kbf7d35c070",
        "app: 8kbf7d35c070",
        "syncup:monitoring.status_page.components.app is 8kbf7d35c070: the guide knows no app, write one of application, database, api",
    ),
    Slip(
        "application: 8kbf7d35c070",
        "application: 8kbf7d35",
        "syncup:monitoring.status_page.components.application is 8kbf7d35: write StatusPage.io's id, twelve small letters and digits",
    ),
    Slip(
        "T0123ABCDEF",
        "#syncup",
        "this is no YAML: did not find expected ',' or '}', put what begins with # in quotes",
    ),
    Slip(
        'channel: "#syncup-tech"',
        "channel: #syncup-tech",
        "this is no YAML: did not find expected ',' or '}', put what begins with # in quotes",
    ),
    Slip(
        'channel: "#syncup-tech"',
        "channel: syncup-tech",
        'syncup:monitoring.slack.channel is syncup-tech: write a Slack channel in quotes, such as "#syncup-tech"',
    ),
    Slip(
        "time_zone: Etc/UTC",
        "time_zone: CET/Berlin",
        "syncup:on_call.time_zone is CET/Berlin: there is no such time zone, write Europe/Berlin",
    ),
    Slip(
        "time_zone: Etc/UTC",
        "time_zone: Europe/Berln",
        "syncup:on_call.time_zone is Europe/Berln: there is no such time zone, write Europe/Berlin",
    ),
    Slip(
        '"2026-01-05T09:00:00Z"',
        "2026-01-05T09:00:00Z",
        'syncup:on_call.rotation_start is 2026-01-05T09:00:00Z: readers of YAML differ on what that is: write "2026-01-05T09:00:00Z" for text, or a plain number',
    ),
    Slip(
        '"2026-01-05T09:00:00Z"',
        '"2026-01-05 09:00"',
        "syncup:on_call.rotation_start is 2026-01-05 09:00: write an instant with its offset, such as 2026-01-05T09:00:00Z (RFC 3339)",
    ),
    Slip(
        '"2026-01-05T09:00:00Z"',
        '"2026-13-05T09:00:00Z"',
        "syncup:on_call.rotation_start is 2026-13-05T09:00:00Z: write an instant with its offset, such as 2026-01-05T09:00:00Z (RFC 3339)",
    ),
    Slip(
        "rotation_days: 7",
        "rotation_days: 0",
        "syncup:on_call.rotation_days is 0: write a whole number, 1 to 365",
    ),
    Slip(
        "rotation_days: 7",
        "rotation_days: weekly",
        "syncup:on_call.rotation_days is weekly: write a whole number, 1 to 365",
    ),
    Slip(
        "      L3: [PTECH01]\n",
        "",
        "syncup:on_call.people.L3 is missing: nobody is Tech lead, add a person",
        "people:",
    ),
    Slip("L3: [PTECH01]", "L3: []", "syncup:on_call.people.L3 is empty: nobody is Tech lead, add a person"),
    Slip("L3: [PTECH01]", "L3: PTECH01", "syncup:on_call.people.L3 is PTECH01: write a list"),
    Slip(
        "L3: [PTECH01]",
        "L3: [jane@example.com]",
        "syncup:on_call.people.L3[0] is jane@example.com: write a PagerDuty user's id, which begins with P",
    ),
    Slip(
        "L1: [PONCALL1, PONCALL2",
        "L1: [PONCALL1, PONCALL1",
        "syncup:on_call.people.L1[1] is PONCALL1: it is listed twice, keep one",
    ),
    Slip(
        "trail: here",
        "trail: yes",
        'syncup:audit.trail is yes: that is true to some readers of YAML and text to others: write true or "yes"',
    ),
    Slip(
        "trail: here", "trail: elsewhere", "syncup:audit.trail is elsewhere: write one of here, organisation"
    ),
    Slip("trail: here", "trail: there", "syncup:audit.trail is there: write here"),
    Slip(
        "trail: here",
        "trail: &a here\n    <<: *a",
        "syncup:audit merges another mapping: write its keys out",
        "<<: *a",
    ),
    Slip(
        "zones: [us-west-2a,",
        "zones: &z [*z,",
        "syncup:network.zones[0] contains itself by an alias: write it out",
    ),
    Slip(
        "protect: true",
        "protect: true\n    ? [a]\n    : b",
        "a key of syncup:environment is no text: write it as one word",
        "? [a]",
    ),
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_mistake_is_answered_in_one_line(slip: Slip, tmp_path: Path) -> None:
    assert_answered(slip, STACK_FILE, tmp_path)
