# SPDX-License-Identifier: MIT
"""Throughput and memory against the number of connections and of VMs: what the pictures show."""
import socket

from rows_read import GetRate
from workshop import port_of, resident_bytes

CONNECTIONS = (1, 4, 16, 64, 256)
IDLE = (0, 100, 250, 500, 1000)
VMS = (1, 10, 100, 1000, 5000, 10000, 20000)
ITEMS = 20
TURNS = 3


def median_of(measure):
    return sorted(measure() for _ in range(TURNS))[TURNS // 2]


def rate_by_connections(workshop):
    """Row 1 with other numbers of connections."""
    row = GetRate(workshop)
    row.seconds = 1
    points = []
    try:
        row.open()
        for row.connections in CONNECTIONS:
            points.append((row.connections, median_of(row.ours), median_of(row.reference)))
    finally:
        row.close()
    return {"name": "rate-connections", "title": "Get of one VM with 30 items", "x": "connections",
            "y": "requests/s", "lines": ["openkvpd", "bare libmicrohttpd"], "points": points}


def memory_by_connections(workshop):
    """Of connections that are kept alive and silent, each after one request."""
    daemon, points, kept = workshop.daemon(workshop.store(1, ITEMS)), [], []
    request = (f"GET /v1/vms HTTP/1.1\r\nHost: localhost\r\n"
               f"Authorization: {workshop.authorization()['Authorization']}\r\n\r\n").encode()
    try:
        for count in IDLE:
            while len(kept) < count:
                kept.append(socket.create_connection(("127.0.0.1", port_of(daemon))))
                kept[-1].sendall(request)
                kept[-1].recv(65536)
            points.append((count, resident_bytes(daemon.process.pid) / 1e6))
    finally:
        for connection in kept:
            connection.close()
        daemon.stop()
    return {"name": "memory-connections", "title": "Memory with idle connections", "x": "connections", "y": "MB",
            "lines": ["openkvpd"], "points": points}


def by_vms(workshop):
    """Each VM in turn is asked for its settings, 16 connections; and memory before that."""
    rates, memory = [], []
    for count in VMS:
        daemon = workshop.daemon(workshop.store(count, ITEMS))
        try:
            memory.append((count, resident_bytes(daemon.process.pid) / 1e6, count * ITEMS * (16 + 64) / 1e6))

            def rate():
                return workshop.tool("load", port_of(daemon), workshop.USER, 16, 1000, "settings", count)["rate"]
            rates.append((count, median_of(rate)))
        finally:
            daemon.stop()
    return [{"name": "rate-vms", "title": "Get of settings with 20 items, one VM after another", "x": "VMs",
             "y": "requests/s", "lines": ["openkvpd"], "points": rates},
            {"name": "memory-vms", "title": "Memory with 20 items a VM", "x": "VMs", "y": "MB",
             "lines": ["openkvpd", "keys and values alone"], "points": memory}]


def measure(workshop):
    return [rate_by_connections(workshop), memory_by_connections(workshop), *by_vms(workshop)]
