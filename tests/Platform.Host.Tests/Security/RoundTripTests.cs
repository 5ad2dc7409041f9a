using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>What a unit of work costs: the identity travels with the statements, not before them.</summary>
public sealed class RoundTripTests
{
    private const string Dashboards = "/api/v1/dashboards";

    private DatabaseProxy? _proxy;
    private PlatformApplication _application = null!;
    private TestUser _alice = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _application = await PlatformApplication.StartAsync(configure: services => services.PostConfigure<DatabaseOptions>(options =>
        {
            _proxy ??= new DatabaseProxy(options.Api);
            options.Api = _proxy.ConnectionString;
        }));
        _alice = await _application.SignInAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _alice.Dispose();
        await _application.DisposeAsync();
        await _proxy!.DisposeAsync();
    }

    [Test]
    public async Task A_query_is_one_round_trip()
    {
        var location = await CreateAsync("Read");
        await CountAsync(() => _alice.Client.GetAsync(location));

        Assert.That(await CountAsync(() => _alice.Client.GetAsync(location)), Is.EqualTo(1));
        Assert.That(await CountAsync(() => _alice.Client.GetAsync(new Uri(Dashboards, UriKind.Relative))), Is.EqualTo(1));
        Assert.That(await CountAsync(() => _alice.Client.GetAsync(new Uri("/api/v1/workflows", UriKind.Relative))), Is.EqualTo(1));
        Assert.That(await CountAsync(() => _alice.Client.GetAsync(new Uri("/api/v1/artifacts", UriKind.Relative))), Is.EqualTo(1));
    }

    [Test]
    public async Task A_command_is_at_most_three_round_trips()
    {
        var location = await CreateAsync("Changed");
        await CountAsync(() => _alice.Client.PatchAsJsonAsync(location, new { description = "Warm" }));

        var changed = await CountAsync(() => _alice.Client.PatchAsJsonAsync(location, new { description = "New" }));
        var added = await CountAsync(() => _alice.Client.PostAsJsonAsync(Dashboards, new { name = "Another" }));
        var removed = await CountAsync(() => _alice.Client.DeleteAsync(location));

        Assert.That(new[] { added, changed, removed }, Is.All.LessThanOrEqualTo(3).And.All.GreaterThan(0));
        Assert.That(added, Is.EqualTo(1), "One row needs no transaction but that of its own statement.");
    }

    private async Task<Uri> CreateAsync(string name)
    {
        using var response = await _alice.Client.PostAsJsonAsync(Dashboards, new { name });
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        return response.Headers.Location!;
    }

    private async Task<int> CountAsync(Func<Task<HttpResponseMessage>> request)
    {
        var before = _proxy!.RoundTrips;
        using var response = await request();
        Assert.That(response.IsSuccessStatusCode, Is.True, await response.Content.ReadAsStringAsync());
        return _proxy!.RoundTrips - before;
    }
}
