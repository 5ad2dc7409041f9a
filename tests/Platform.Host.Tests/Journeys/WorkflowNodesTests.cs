using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>Two nodes on one database, one of them frozen past its leases and woken: it commits nothing of what it held.</summary>
public sealed class WorkflowNodesTests : RandomWorkflowTest
{
    [Test]
    public async Task A_node_that_was_frozen_past_its_leases_changes_nothing_when_it_wakes()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var outside = await FakeServer.StartAsync(Answer);
        using var first = await HostProcess.StartAsync(DataDirectory, Url, new Dictionary<string, string> { ["Workflows__LeaseSeconds"] = "2" });
        using var client = await first.SignUpAsync(DataDirectory, "ada@example.com");
        var workflows = await PublishAsync(client, outside.Url, random);
        var elsewhere = Path.Combine(DataDirectory, "second-node");
        using var second = await HostProcess.StartAsync(elsewhere, $"http://127.0.0.1:{HostProcess.FreePort()}", SecondNode());
        for (var round = 0; round < 3; round++)
        {
            var load = LoadAsync(client, workflows, random);
            await Task.Delay(random.Next(100, 500));
            second.Freeze();
            await load;
            await Task.Delay(TimeSpan.FromSeconds(3));
            second.Thaw();
        }

        await PlatformTest.EventuallyAsync(async () => await OpenAsync() == 0, Patience);
        await CompareAsync();
        Assert.That(Started, Is.Positive);
        await second.StopAsync();
        await first.StopAsync();
    }

    private Dictionary<string, string> SecondNode()
    {
        var connection = HostProcess.ReadConnection(DataDirectory);
        var settings = new Dictionary<string, string>
        {
            ["Workflows__LeaseSeconds"] = "2",
            ["Supabase__Url"] = Url,
            ["Supabase__AnonKey"] = connection.GetProperty("anon_key").GetString()!,
            ["Supabase__ServiceRoleKey"] = connection.GetProperty("service_role_key").GetString()!,
            ["Encryption__MasterKeys"] = $"k1:{Convert.ToBase64String(new byte[32])}",
        };
        foreach (var login in new[] { "Api", "Worker", "Jobs", "Owner" })
        {
            settings[$"Database__{login}"] = ConnectionString();
        }

        return settings;
    }
}
