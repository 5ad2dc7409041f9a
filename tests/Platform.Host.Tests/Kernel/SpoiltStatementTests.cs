using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Kernel;

/// <summary>A value that PostgreSQL refuses costs its sender a 422, and nobody else anything, on whatever connection they come.</summary>
public sealed class SpoiltStatementTests
{
    private PlatformApplication _application = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _application = await PlatformApplication.StartAsync(new Dictionary<string, string?> { ["Database:MaxPoolSize"] = "2" });

    [OneTimeTearDown]
    public async Task StopAsync() => await _application.DisposeAsync();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task A_refused_value_spoils_no_later_statement(int usesBefore)
    {
        using var user = await _application.SignInAsync();
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

    private static async Task<int> CreateAsync(TestUser user, string name)
    {
        using var response = await user.Client.PostAsJsonAsync("/api/v1/dashboards", new { name });
        return (int)response.StatusCode;
    }
}
