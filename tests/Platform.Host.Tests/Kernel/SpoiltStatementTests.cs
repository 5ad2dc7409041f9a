using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Kernel;

/// <summary>A value that PostgreSQL refuses costs its sender a 422, and nobody else anything, on whatever connection they come.</summary>
public sealed class SpoiltStatementTests
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"platform-spoilt-{Path.GetRandomFileName()}");
    private HostProcess _host = null!;

    // A process of its own: two connections must be enough to meet the one that was spoilt.
    [OneTimeSetUp]
    public async Task StartAsync() => _host = await HostProcess.StartAsync(
        _directory, $"http://127.0.0.1:{HostProcess.FreePort()}", new Dictionary<string, string> { ["Database__MaxPoolSize"] = "2" });

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task A_refused_value_spoils_no_later_statement(int usesBefore)
    {
        using var user = await _host.SignUpAsync(_directory, $"user-{usesBefore}@example.com");
        for (var use = 0; use < usesBefore; use++)
        {
            Assert.That(await CreateAsync(user, $"before {use}"), Is.EqualTo(201));
        }

        Assert.That(await CreateAsync(user, "refused\0"), Is.EqualTo(422));

        for (var use = 0; use < 6; use++)
        {
            Assert.That(await CreateAsync(user, $"after {use}"), Is.EqualTo(201), $"use {use}");
        }
    }

    private static async Task<int> CreateAsync(HttpClient user, string name)
    {
        using var response = await user.PostAsJsonAsync("/api/v1/dashboards", new { name });
        return (int)response.StatusCode;
    }
}
