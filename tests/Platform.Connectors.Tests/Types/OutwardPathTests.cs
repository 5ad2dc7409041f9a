using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.GraphQl;
using Platform.Connectors.Types.Http;
using Platform.Connectors.Types.MySql;
using Platform.Connectors.Types.S3;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Tests.Types;

/// <summary>No type of connector reaches an address that is not allowed, however it is written and whoever names it.</summary>
public sealed class OutwardPathTests
{
    // Ways to write addresses of this machine, of private networks and of metadata services.
    private static readonly string[] Hosts =
    [
        "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1",
        "017700000001", "0177.0.0.1", "0177.0.0.01", "127.0.0.0x1", "0", "0.0.0.0", "0x0", "00000000", "localhost", "LOCALHOST",
        "localhost.", "ip6-localhost", "10.0.0.1", "10.255.255.255", "167772161", "0x0a000001", "012.0.0.1", "10.1", "172.16.0.1",
        "172.31.255.254", "192.168.0.1", "192.168.257", "3232235521", "0xc0a80001", "0300.0250.0.1", "169.254.169.254", "169.254.43518",
        "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::10.0.0.1]",
        "[64:ff9b::127.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]",
        "[2002:a00:1::]", "[2002:a9fe:a9fe::]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]",
        "[ff02::1]", "[2001:db8::1]", "[2001::1]", "[100::1]", "[3fff::1]", "[5f00::1]", "[::ffff:0:127.0.0.1]", "[::ffff:169.254.169.254]",
    ];

    private static readonly string[] Kinds = ["postgres", "mysql", "redis", "http", "graphql", "s3", "mcp"];

    [Test]
    public void Knows_enough_ways_to_write_an_address() => Assert.That(Hosts.Distinct().Count(), Is.GreaterThanOrEqualTo(80));

    [TestCaseSource(nameof(Kinds))]
    public async Task Reaches_no_inner_address(string kind)
    {
        await using var kernel = SourceApi.CreateKernel("none");
        var type = Create(kind, kernel);
        // Whoever connects in spite of all finds somebody there.
        await using var web = await SourceApi.StartAsync();
        var port = new Uri(web.Url).Port;

        var reached = new List<string>();
        foreach (var host in Hosts)
        {
            var result = await type.TestAsync(SettingsOf(kind, host, port), CancellationToken.None);
            if (result.Code is not ("address_not_allowed" or "host_not_found" or "invalid_config"))
            {
                reached.Add($"{host}: {result.Code}");
            }
        }

        Assert.That(reached, Is.Empty);
        Assert.That(web.Requests, Is.Empty);
    }

    [TestCaseSource(nameof(Kinds))]
    public async Task Reaches_an_inner_host_that_is_allowed(string kind)
    {
        await using var kernel = SourceApi.CreateKernel("127.0.0.1/32");

        var result = await Create(kind, kernel).TestAsync(SettingsOf(kind, "127.0.0.1", FreePort.Find()), CancellationToken.None);

        Assert.That(result.Code, Is.EqualTo("connection_refused"), result.Detail);
    }

    [TestCase("http")]
    [TestCase("graphql")]
    [TestCase("s3")]
    [TestCase("mcp")]
    public async Task Is_not_led_inside_by_a_redirect(string kind)
    {
        await using var kernel = SourceApi.CreateKernel("127.0.0.1/32");
        await using var web = await SourceApi.StartAsync();
        var settings = kind == "s3"
            ? Settings.Of(new { endpoint = web.Url, bucket = "inside" })
            : Settings.Of(new { url = $"{web.Url}/inside" });

        var result = await Create(kind, kernel).TestAsync(settings, CancellationToken.None);

        // A POST is not sent elsewhere at all.
        Assert.That(result.Code, Is.EqualTo("address_not_allowed").Or.EqualTo("invalid_config"), result.Detail);
    }

    [Test]
    public async Task Is_not_led_inside_by_a_server_of_a_cluster()
    {
        await using var kernel = SourceApi.CreateKernel("127.0.0.1/32");
        using var liar = new TcpListener(IPAddress.Loopback, 0);
        liar.Start();
        var lying = AnswerAsync(liar, "-MOVED 1 10.11.12.13:6379\r\n");
        var settings = SettingsOf("redis", "127.0.0.1", ((IPEndPoint)liar.LocalEndpoint).Port);

        var exception = Assert.ThrowsAsync<SourceException>(
            () => Create("redis", kernel).QueryAsync(settings, Settings.Query("GET x"), CancellationToken.None));

        await lying;
        Assert.That(exception.Code, Is.EqualTo("address_not_allowed"), exception.Message);
    }

    [TestCase("postgres")]
    [TestCase("mysql")]
    [TestCase("redis")]
    public async Task Connects_to_the_address_that_was_checked(string kind)
    {
        // The name has an address for the guard alone: a driver that asked a name server again would find none, or another.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var accepting = listener.AcceptTcpClientAsync(patience.Token);
        var type = Create(kind, new OneAnswer());

        var testing = type.TestAsync(
            SettingsOf(kind, "rebinding.invalid", ((IPEndPoint)listener.LocalEndpoint).Port), CancellationToken.None);
        using (await accepting)
        {
        }

        Assert.That((await testing).Code, Is.Not.EqualTo("host_not_found"));
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        _ = await stream.ReadAsync(new byte[1024]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
    }

    private static ConnectorSettings SettingsOf(string kind, string host, int port) => kind switch
    {
        "postgres" or "mysql" => Settings.Of(
            new { host = host.Trim('[', ']'), port, database = "d", username = "u", ssl_mode = "disable" }) with
        { ConnectorId = null },
        "redis" => Settings.Of(new { host = host.Trim('[', ']'), port }),
        "s3" => Settings.Of(new { endpoint = $"http://{host}:{port}", bucket = "bucket" }),
        _ => Settings.Of(new { url = $"http://{host}:{port}/" }),
    };

    private static IConnectorType Create(string kind, ServiceProvider kernel)
    {
        var egress = kernel.GetRequiredService<EgressClient>();
        var authenticator = new HttpAuthenticator(new HttpTokens(egress, TimeProvider.System), new NoGrants());
        var sender = new HttpSender(egress, authenticator, TimeProvider.System);
        return kind switch
        {
            "http" => new HttpConnector(new HttpPages(sender), null!, null!, TimeProvider.System),
            "graphql" => new GraphQlConnector(new GraphQlClient(sender), TimeProvider.System),
            "s3" => new S3Connector(
                new S3Client(egress, TimeProvider.System), null!, null!,
                Microsoft.Extensions.Options.Options.Create(new ConnectorsOptions()), TimeProvider.System),
            "mcp" => new McpConnector(egress, authenticator, TimeProvider.System),
            _ => Create(kind, kernel.GetRequiredService<IEgressGuard>()),
        };
    }

    private static IConnectorType Create(string kind, IEgressGuard guard) => kind switch
    {
        "postgres" => new PostgresConnector(guard, TimeProvider.System),
        "mysql" => new MySqlServerConnector(new MySqlPools(guard, TimeProvider.System), TimeProvider.System),
        _ => new RedisConnector(guard, TimeProvider.System),
    };

    private sealed class OneAnswer : IEgressGuard
    {
        public ValueTask<IPAddress[]> ResolveAsync(string host, int port, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IPAddress[]>([IPAddress.Loopback]);
    }
}
