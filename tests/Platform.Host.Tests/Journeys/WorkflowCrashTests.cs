using System.Globalization;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>
/// Kill -9 of a Host that works random workflows under load, at random moments, again and again: every execution ends as an interpreter
/// says, no committed step runs again, and what is repeated outside carries the key that it had. <c>PLATFORM_CRASH_ROUNDS</c> says how often.
/// </summary>
public sealed class WorkflowCrashTests : RandomWorkflowTest
{
    private static readonly Dictionary<string, string> ShortLease = new() { ["Workflows__LeaseSeconds"] = "2" };

    [Test]
    public async Task Every_execution_ends_as_the_interpreter_says_whenever_the_host_is_killed()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("PLATFORM_CRASH_ROUNDS") ?? "5", CultureInfo.InvariantCulture);
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var outside = await FakeServer.StartAsync(Answer);
        List<(string Path, RandomWorkflow Workflow)> workflows = [];
        HttpClient? client = null;
        for (var round = 0; round < rounds; round++)
        {
            using var host = await HostProcess.StartAsync(DataDirectory, Url, ShortLease);
            if (client is null)
            {
                client = await host.SignUpAsync(DataDirectory, "ada@example.com");
                workflows = await PublishAsync(client, outside.Url, random);
            }

            var load = LoadAsync(client, workflows, random);
            var before = Started;
            await PlatformTest.EventuallyAsync(() => Task.FromResult(Started > before + 2 || load.IsCompleted), Patience);
            await Task.Delay(random.Next(0, 1200));
            await host.KillAsync();
            await load;
        }

        var callsBefore = outside.Requests.Count;
        using (var host = await HostProcess.StartAsync(DataDirectory, Url, ShortLease))
        {
            var committed = await CommittedAsync();
            await PlatformTest.EventuallyAsync(async () => await OpenAsync() == 0, Patience);
            var repeated = outside.Requests.Skip(callsBefore).Select(request => request.IdempotencyKey).Intersect(committed).ToList();
            Assert.That(repeated, Is.Empty, "A committed step ran again.");
            await CompareAsync();
            await host.StopAsync();
        }

        client!.Dispose();
        Assert.That(Started, Is.Positive);
        TestContext.Out.WriteLine($"{Started} executions over {rounds} kills, {outside.Requests.Count} calls outside");
    }
}
