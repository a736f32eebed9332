"""A port that is chosen before the service is started that will listen on it."""

import socket


def hold_port(host: str, port: int = 0) -> socket.socket:
    """Bind the port (0: any free one) without listening: no other process gets it by chance while the socket is open.

    A service that sets SO_REUSEADDR may listen on it meanwhile. Raises OSError if the port is taken, OverflowError if there is none such.
    """
    holder = socket.socket()
    try:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((host, port))
    except BaseException:
        holder.close()
        raise
    return holder
