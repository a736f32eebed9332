"""`python -m loadtests.peers.nginx_lua PORT REDIS_URL`: nginx with Lua, one worker; turns into nginx after writing its configuration."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

import redis

from loadtests.peers.same_work import CONNECTIONS, SCRIPT

NGINX = Path("/usr/sbin/nginx")
MODULES = Path("/usr/lib/nginx/modules")
MODULE_NAMES = ("ndk_http_module.so", "ngx_http_lua_module.so")

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
{modules}
env POSTBACK_KEY;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    set $redis_socket "{redis_socket}";
    set $script "{script}";
    set $connections {connections};
    location = /data_writing {{
      default_type application/json;
      content_by_lua_file {handler};
    }}
  }}
}}
"""


def find_reason_to_leave_out() -> str | None:
    """Why this peer can't run here, or None if it can."""
    if NGINX.exists() and all((MODULES / name).exists() for name in MODULE_NAMES):
        return None
    return "nginx with Lua isn't installed: Debian's packages are nginx and libnginx-mod-http-lua"


def main(port: int, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        client.script_load(SCRIPT)
    folder = tempfile.mkdtemp(prefix="callstamp-nginx-")  # the caller's temporary folder, which goes when the comparison ends
    configuration = Path(folder) / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            port=port,
            modules="\n".join(f"load_module {MODULES / name};" for name in MODULE_NAMES),
            redis_socket=redis_url.removeprefix("unix://"),
            script=hashlib.sha1(SCRIPT.encode()).hexdigest(),  # noqa: S324 - that is how Redis names scripts
            connections=CONNECTIONS,
            handler=Path(__file__).with_suffix(".lua"),
        )
    )
    os.execv(NGINX, [str(NGINX), "-p", folder, "-c", str(configuration)])  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
