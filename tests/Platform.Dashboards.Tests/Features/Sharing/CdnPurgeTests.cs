using System.Net.Http.Json;
using System.Text.Json;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.Dashboards.Jobs;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Sharing;

/// <summary>The product with a CDN in front, which is told what to forget.</summary>
public sealed class CdnPurgeTests : PlatformTest
{
    private const string Dashboards = "/api/v1/dashboards";
    private FakeServer _cdn = null!;
    private int _status = 200;

    private static DashboardsOptions Options => Application.Services.GetRequiredService<IOptions<DashboardsOptions>>().Value;

    [SetUp]
    public async Task PutCdnInFrontAsync()
    {
        _status = 200;
        _cdn = await FakeServer.StartAsync(_ => (_status, new { }));
        (Options.CdnPurgeUrl, Options.CdnPurgeToken) = ($"{_cdn.Url}/purge", "cdn-token");
    }

    [TearDown]
    public async Task TakeCdnAwayAsync()
    {
        (Options.CdnPurgeUrl, Options.CdnPurgeToken) = (null, null);
        await _cdn.DisposeAsync();
    }

    [Test]
    public async Task Tells_the_CDN_of_a_shared_board_that_changed_and_of_no_other()
    {
        var alice = await SignInAsync();
        var (shared, link, token) = await ShareAsync(alice);
        var (kept, _) = await MakeAsync(alice, Dashboards, new { name = "Private" });
        var visitor = Visitor();

        using var shown = await visitor.GetAsync($"/api/v1/public/dashboards/{token}");
        await PurgeAsync();
        var unchanged = _cdn.Requests.Count;
        await alice.Client.PatchAsJsonAsync($"{Dashboards}/{kept}", new { name = "Still private" });
        await alice.Client.PatchAsJsonAsync($"{Dashboards}/{shared}", new { name = "Shared anew" });
        await PurgeAsync();
        await PurgeAsync();
        var changed = _cdn.Requests.ToList();
        await alice.Client.DeleteAsync($"/api/v1/share-links/{link}");
        await PurgeAsync();

        Assert.That(shown.Headers.CacheControl!.SharedMaxAge, Is.EqualTo(TimeSpan.FromSeconds(300)));
        Assert.That(shown.Headers.CacheControl.MaxAge, Is.EqualTo(TimeSpan.Zero), "a browser asks each time");
        Assert.That(shown.Headers.GetValues("Surrogate-Key").Single(), Does.StartWith($"dashboard-{shared} "));
        Assert.That(unchanged, Is.Zero, "a visit is no change");
        Assert.That(changed, Has.Count.EqualTo(1), "once, and of the shared board alone");
        Assert.That(JsonDocument.Parse(changed[0].Body).RootElement.GetProperty("surrogate_keys")[0].GetString(), Is.EqualTo($"dashboard-{shared}"));
        Assert.That(changed[0].Authorization, Is.EqualTo("Bearer cdn-token"));
        Assert.That(_cdn.Requests, Has.Count.EqualTo(2), "a link that ended is a change");
    }

    [Test]
    public async Task Tells_again_what_the_CDN_did_not_take()
    {
        var alice = await SignInAsync();
        var (shared, _, _) = await ShareAsync(alice);
        await alice.Client.PatchAsJsonAsync($"{Dashboards}/{shared}", new { name = "Shared anew" });
        _status = 503;

        Assert.That(async () => await PurgeAsync(), Throws.Exception);
        _status = 200;
        await PurgeAsync();

        Assert.That(_cdn.Requests, Has.Count.EqualTo(2));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from dashboards.purges"), Is.Zero);
    }

    private static async Task<(Guid Board, Guid Link, string Token)> ShareAsync(TestUser user)
    {
        var (board, _) = await MakeAsync(user, Dashboards, new { name = "Shared" });
        var (link, made) = await MakeAsync(user, $"{Dashboards}/{board}/share-links", new { });
        return (board, link, made.GetProperty("token").GetString()!);
    }

    private static async Task<(Guid Id, JsonElement Body)> MakeAsync(TestUser user, string path, object body)
    {
        var made = await PostAsync(user.Client, path, body);
        return (made.GetProperty("id").GetGuid(), made);
    }

    private static Task PurgeAsync()
    {
        Application.Services.GetRequiredService<IBackgroundJobClient>().Enqueue<PurgeCdnJob>(job => job.RunAsync(CancellationToken.None));
        return Application.RunJobsAsync();
    }
}
