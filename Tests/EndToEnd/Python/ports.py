"""Ports for servers whose configuration has to say them before they listen."""
import itertools
import os
import socket

ADDRESS = "127.0.0.1"
# Below what the kernel gives to clients' sockets, which would take a port between the choice of it and its use; and a
# part of that for each process, so that tests beside each other do not choose the same.
_ports = itertools.cycle(range(first := 10_000 + os.getpid() % 220 * 100, first + 100))


def free_port():
    """A port that is free for TCP and for UDP, and was not given out before."""
    while True:
        port = next(_ports)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((ADDRESS, port))
                udp.bind((ADDRESS, port))
            except OSError:
                continue
            return port
