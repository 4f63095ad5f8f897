"""What a gRPC client sees of an echo server: python echo_client.py ADDRESS SCENARIO.

Each scenario is a function; it raises when the server does not do what gRPC promises, and prints what
the test that started it compares."""
import queue
import sys
import threading

import grpc

STREAM = "/test.Echo/Stream"


def channel(address, **options):
    options = [(name.replace("__", "."), value) for name, value in options.items()]
    return grpc.insecure_channel(address, options=options)


class Call:
    """A bidirectional call whose requests are sent one by one."""

    def __init__(self, chan, path=STREAM, **arguments):
        self.requests = queue.Queue()
        self.responses = chan.stream_stream(path)(iter(self.requests.get, None), **arguments)

    def ask(self, message):
        self.requests.put(message)
        return next(self.responses)

    def end(self):
        self.requests.put(None)
        rest = list(self.responses)
        return rest, self.responses.code()


def failure(call):
    """The status of a call that must not succeed."""
    try:
        answer = call()
    except grpc.RpcError as error:
        return error.code().name, error.details()
    raise AssertionError(f"succeeded with {answer!r}")


def echo(address):
    with channel(address, grpc__max_receive_message_length=-1) as chan:
        call = Call(chan)
        for size in [0, 1, 100, 16384, 70000, 5_000_000]:
            message = bytes(i % 251 for i in range(size))
            assert call.ask(message) == message, size
        assert call.end() == ([], grpc.StatusCode.OK)
        call = Call(chan, compression=grpc.Compression.Gzip)
        for size in [1, 100, 100_000]:
            assert call.ask(b"a" * size) == b"a" * size
        assert call.end() == ([], grpc.StatusCode.OK)


def refusals(address):
    with channel(address) as chan:
        def unary(path, request=b"", **arguments):
            return failure(lambda: chan.unary_unary(path)(request, **arguments))

        print(*unary("/test.Echo/None"))
        print(*unary("/none.None/None"))
        print(*unary("/test.Echo/Refuse"))
        print(*unary(STREAM, bytes(2 << 20)))
        print(unary(STREAM, metadata=[("x-long", "a" * 20000)])[0])
        code, _ = unary("/test.Echo/Silent", timeout=0.2)
        print(code)
        with channel(address) as other:
            call = Call(other, compression=grpc.Compression.Deflate)
            call.requests.put(b"a")
            print(failure(lambda: next(call.responses))[0])


def client_pings(address):
    """A client that pings each 100 ms, which this server allows."""
    with channel(
        address, grpc__keepalive_time_ms=100, grpc__http2__max_pings_without_data=0,
        grpc__keepalive_timeout_ms=5000,
    ) as chan:
        call = Call(chan)
        call.ask(b"a")
        threading.Event().wait(1.5)
        assert call.ask(b"b") == b"b"
        assert call.end() == ([], grpc.StatusCode.OK)


def too_many_pings(address):
    """The same against a server that allows one in ten seconds."""
    with channel(
        address, grpc__keepalive_time_ms=100, grpc__http2__max_pings_without_data=0,
        grpc__keepalive_timeout_ms=5000,
    ) as chan:
        call = Call(chan)
        call.ask(b"a")
        print(*failure(lambda: next(call.responses)))


def quiet(address):
    """A client that says nothing for a while and answers the server's pings."""
    with channel(address, grpc__keepalive_time_ms=60000) as chan:
        call = Call(chan)
        call.ask(b"a")
        threading.Event().wait(1.5)
        assert call.ask(b"b") == b"b"
        assert call.end() == ([], grpc.StatusCode.OK)


def many_streams(address):
    """100 calls at once are the limit; 20 more wait for their turn."""
    with channel(address) as chan:
        calls = [Call(chan) for _ in range(120)]
        for call in calls[:100]:
            assert call.ask(b"a") == b"a"
        for call in calls[100:]:
            call.requests.put(b"late")
        for call in calls[:20]:
            assert call.end() == ([], grpc.StatusCode.OK)
        for call in calls[100:]:
            assert next(call.responses) == b"late"
        for call in calls[20:]:
            assert call.end() == ([], grpc.StatusCode.OK)


def cancelled(address):
    with channel(address) as chan:
        call = Call(chan)
        call.ask(b"a")
        call.responses.cancel()
        assert Call(chan).ask(b"b") == b"b"


def shut_down(address):
    """Says when its call is open, and what it is told when the server ends."""
    with channel(address) as chan:
        call = Call(chan)
        call.ask(b"a")
        print("open", flush=True)
        print(*failure(lambda: next(call.responses)))


def retirement(address):
    """Makes calls one after another beside one that stays open, until told."""
    told = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), told.set())).start()
    with channel(address) as chan:
        first = Call(chan)
        while not told.is_set():
            call = Call(chan)
            assert call.ask(b"a") == b"a"
            assert call.end() == ([], grpc.StatusCode.OK)
        assert first.ask(b"b") == b"b"
        assert first.end() == ([], grpc.StatusCode.OK)
        print("the first call goes on")


def slow(address):
    """Asks for a flood and reads nothing of it until told; then sees that it is the newest."""
    with channel(address, grpc__max_receive_message_length=-1) as chan:
        flood = chan.unary_stream("/test.Echo/Flood")(b"")
        first = next(flood)
        print("waiting", flush=True)
        sys.stdin.readline()
        numbers = [int.from_bytes(first[:8], "big")]
        for message in flood:
            numbers.append(int.from_bytes(message[:8], "big"))
        assert numbers == sorted(set(numbers)), numbers
        print(len(numbers), numbers[-1])


globals()[sys.argv[2]](sys.argv[1])
