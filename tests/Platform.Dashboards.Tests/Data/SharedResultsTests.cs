using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Dashboards.Data;

namespace Platform.Dashboards.Tests.Data;

/// <summary>Two nodes and a Redis server.</summary>
public sealed class SharedResultsTests
{
    private Process _server = null!;
    private int _port;

    [SetUp]
    public void StartServer()
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            _port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        string[] arguments = ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()];
        _server = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        // It says when it accepts connections.
        while (_server.StandardOutput.ReadLine() is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
        }
    }

    [TearDown]
    public void StopServer()
    {
        if (!_server.HasExited)
        {
            _server.Kill();
            _server.WaitForExit();
        }

        _server.Dispose();
    }

    [Test]
    public async Task What_one_node_stored_another_finds()
    {
        await using var nodes = new Nodes(_port);
        var now = TimeProvider.System.GetUtcNow();

        await nodes.One.StoreAsync("key", new CachedResult("{}"u8.ToArray(), now.AddMinutes(-1), now), TimeSpan.FromMinutes(1));
        var found = await nodes.Two.FindAsync("key", CancellationToken.None);

        Assert.That(found!.Json.ToArray(), Is.EqualTo("{}"u8.ToArray()));
        Assert.That((found.AsOf, found.StoredAt), Is.EqualTo((now.AddMinutes(-1), now)));
        Assert.That(await nodes.Two.FindAsync("other", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Of_nodes_that_want_the_same_at_once_one_asks()
    {
        await using var nodes = new Nodes(_port);
        var (asked, since) = (0, TimeProvider.System.GetUtcNow());
        async Task<CachedResult> AskAsync(SharedResults node)
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(300);
            var result = new CachedResult("[1]"u8.ToArray(), since, TimeProvider.System.GetUtcNow());
            await node.StoreAsync("key", result, TimeSpan.FromMinutes(1));
            return result;
        }

        var answers = await Task.WhenAll(
            nodes.One.AskOnceAsync("key", since, () => AskAsync(nodes.One), CancellationToken.None),
            nodes.Two.AskOnceAsync("key", since, () => AskAsync(nodes.Two), CancellationToken.None));

        Assert.That(asked, Is.EqualTo(1));
        Assert.That(answers.Select(answer => answer.Json.Length), Is.All.EqualTo(3));
    }

    [Test]
    public async Task A_node_whose_turn_failed_lets_the_next_one_ask()
    {
        await using var nodes = new Nodes(_port);
        var since = TimeProvider.System.GetUtcNow();
        Assert.ThrowsAsync<InvalidOperationException>(() => nodes.One.AskOnceAsync(
            "key", since, () => throw new InvalidOperationException("broken"), CancellationToken.None));

        var answer = await nodes.Two.AskOnceAsync(
            "key", since, () => Task.FromResult(new CachedResult("[2]"u8.ToArray(), since, since)), CancellationToken.None);

        Assert.That(answer.Json.ToArray(), Is.EqualTo("[2]"u8.ToArray()));
    }

    [Test]
    public async Task A_server_that_is_gone_is_a_miss_and_keeps_nobody_from_asking()
    {
        await using var nodes = new Nodes(_port);
        var since = TimeProvider.System.GetUtcNow();
        await nodes.One.StoreAsync("key", new CachedResult("[1]"u8.ToArray(), since, since), TimeSpan.FromMinutes(1));
        _server.Kill();
        await _server.WaitForExitAsync();

        var found = await nodes.One.FindAsync("key", CancellationToken.None);
        var answer = await nodes.One.AskOnceAsync(
            "key", since, () => Task.FromResult(new CachedResult("[3]"u8.ToArray(), since, since)), CancellationToken.None);

        Assert.That(found, Is.Null);
        Assert.That(answer.Json.ToArray(), Is.EqualTo("[3]"u8.ToArray()));
    }

    private sealed class Nodes : IAsyncDisposable
    {
        private readonly List<RedisConnection> _connections = [];
        private readonly List<RedisCache> _caches = [];
        private readonly int _port;

        public Nodes(int port)
        {
            _port = port;
            (One, Two) = (Node(), Node());
        }

        public SharedResults One { get; }

        public SharedResults Two { get; }

        public async ValueTask DisposeAsync()
        {
            _caches.ForEach(cache => cache.Dispose());
            foreach (var connection in _connections)
            {
                await connection.DisposeAsync();
            }
        }

        private SharedResults Node()
        {
            var connection = new RedisConnection(Options.Create(new RedisOptions
            {
                Configuration = $"127.0.0.1:{_port},connectTimeout=1000,syncTimeout=1000,asyncTimeout=1000",
            }));
            var cache = new RedisCache(Options.Create(new RedisCacheOptions { ConnectionMultiplexerFactory = connection.GetAsync }));
            _connections.Add(connection);
            _caches.Add(cache);
            return new SharedResults(NullLogger<SharedResults>.Instance, cache, connection);
        }
    }
}
