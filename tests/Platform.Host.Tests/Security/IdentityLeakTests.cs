using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>Two people share two connections: neither ever sees the other's rows, and no connection keeps an identity.</summary>
public sealed class IdentityLeakTests
{
    private const int PoolSize = 2;
    private const int Rounds = 30;
    private static readonly Uri Dashboards = new("/api/v1/dashboards?limit=100", UriKind.Relative);

    private PlatformApplication _application = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _application = await PlatformApplication.StartAsync(new Dictionary<string, string?> { ["Database:MaxPoolSize"] = $"{PoolSize}" });

    [OneTimeTearDown]
    public async Task StopAsync() => await _application.DisposeAsync();

    [Test]
    public async Task Pooled_connections_never_keep_an_identity()
    {
        using var alice = await _application.SignInAsync();
        using var bob = await _application.SignInAsync();

        await Task.WhenAll(WorkAsync(alice, "alice"), WorkAsync(bob, "bob"), WorkAsync(alice, "alice"), WorkAsync(bob, "bob"));

        var pool = _application.Services.GetRequiredService<PlatformDataSources>().Api;
        var connections = new List<NpgsqlConnection>();
        for (var number = 0; number < PoolSize; number++)
        {
            connections.Add(await pool.OpenConnectionAsync());
            var state = await Sql.RowsAsync(
                connections[^1],
                "select current_user = session_user, coalesce(current_setting('request.jwt.claims', true), ''), current_setting('transaction_read_only')");
            Assert.That(state[0], Is.EqualTo(new object[] { true, "", "off" }));
        }

        connections.ForEach(connection => connection.Dispose());
    }

    private static async Task WorkAsync(TestUser user, string name)
    {
        using var taken = await user.Client.PostAsJsonAsync("/api/v1/dashboards", new { name = $"{name}: taken" });
        for (var round = 0; round < Rounds; round++)
        {
            var operation = (round % 5) switch
            {
                0 => SucceedAsync(user, name, round),
                1 => ExpectAsync(user, new { name = $"{name}: taken" }, 409),
                2 => ExpectAsync(user, new { name = new string('x', 1000) }, 422),
                3 => CancelAsync(user, round),
                // A character that PostgreSQL refuses: the statement itself fails.
                _ => ExpectAsync(user, new { name = $"{name}\0" }, 422),
            };
            await operation;
            await ListAsync(user, name);
        }
    }

    private static async Task SucceedAsync(TestUser user, string name, int round)
    {
        using var response = await user.Client.PostAsJsonAsync("/api/v1/dashboards", new { name = $"{name}: {round} {Guid.CreateVersion7()}" });
        Assert.That((int)response.StatusCode, Is.EqualTo(201), await response.Content.ReadAsStringAsync());
    }

    private static async Task ExpectAsync(TestUser user, object body, int status)
    {
        using var response = await user.Client.PostAsJsonAsync("/api/v1/dashboards", body);
        Assert.That((int)response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
    }

    private static async Task CancelAsync(TestUser user, int round)
    {
        using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(round % 7));
        try
        {
            using var response = await user.Client.GetAsync(Dashboards, impatience.Token);
        }
        catch (OperationCanceledException)
        {
            // The client hung up somewhere in the middle, which is the point.
        }
    }

    private static async Task ListAsync(TestUser user, string name)
    {
        using var response = await user.Client.GetAsync(Dashboards);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        var names = JsonDocument.Parse(text).RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString());
        Assert.That(names, Is.All.StartsWith($"{name}: "));
    }
}
