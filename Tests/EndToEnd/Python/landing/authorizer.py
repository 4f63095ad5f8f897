"""An authorization server that Envoy asks over gRPC (envoy.service.auth.v3), for cases that name its endpoint."""
from concurrent import futures

import grpc
from envoy.service.auth.v3 import external_auth_pb2 as auth, external_auth_pb2_grpc as service
from google.rpc import code_pb2


class Authorizer(service.AuthorizationServicer):
    """Allows requests and tells the upstream who asked; their header x-authorizer may say `deny` or `fail`. Denies
    connections, which have no headers."""

    def Check(self, request, context):
        http = request.attributes.request.http
        wish = http.headers.get("x-authorizer", "")
        if wish == "fail":
            context.abort(grpc.StatusCode.UNAVAILABLE, "as asked")
        answer = auth.CheckResponse()
        if not http.method or wish == "deny":
            answer.status.code = code_pb2.PERMISSION_DENIED
            answer.denied_response.status.code = 401
            answer.denied_response.body = f"{http.method} {http.host}{http.path}"
            answer.denied_response.headers.add().header.MergeFrom(_header("x-denied", "by the authorizer"))
        else:
            answer.ok_response.headers.add().header.MergeFrom(_header("x-user", "someone"))
        return answer


def _header(key, value):
    from envoy.config.core.v3 import base_pb2
    return base_pb2.HeaderValue(key=key, value=value)


class Serving:
    """An authorizer on a socket, for as long as it is entered."""

    def __init__(self, socket):
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        service.add_AuthorizationServicer_to_server(Authorizer(), self.server)
        self.server.add_insecure_port(f"unix:{socket}")

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop(None).wait()
