using Microsoft.Extensions.Time.Testing;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Tests.Types;

public sealed class HttpTokensTests
{
    private readonly FakeTimeProvider _clock = new();
    private SourceApi _api = null!;
    private HttpTokens _tokens = null!;

    [SetUp]
    public async Task Start()
    {
        _api = await SourceApi.StartAsync();
        _tokens = new HttpTokens(SourceApi.CreateEgress(), _clock);
    }

    [TearDown]
    public async Task Stop() => await _api.DisposeAsync();

    [Test]
    public async Task Asks_once_for_all_who_wait()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => GetAsync()));

        Assert.That(tokens.Distinct(), Is.EqualTo(["fresh"]));
        Assert.That(_api.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Renews_before_the_end_without_making_anybody_wait()
    {
        await GetAsync();
        _clock.Advance(TimeSpan.FromMinutes(47));
        await GetAsync();
        var before = _api.Requests.Count;
        _clock.Advance(TimeSpan.FromMinutes(2));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync()));

        Assert.That(before, Is.EqualTo(1));
        for (var attempt = 0; attempt < 100 && _api.Requests.Count < 2; attempt++)
        {
            await Task.Delay(20);
        }

        Assert.That(_api.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Asks_again_after_the_end_and_for_other_secrets()
    {
        await GetAsync();
        _clock.Advance(TimeSpan.FromHours(2));
        await Task.WhenAll(GetAsync(), GetAsync());

        var wrong = Assert.ThrowsAsync<SourceException>(() => GetAsync("wrong"));
        var again = Assert.ThrowsAsync<SourceException>(() => GetAsync("wrong"));

        Assert.That(wrong.Code, Is.EqualTo("authentication_failed"));
        Assert.That(again.Code, Is.EqualTo("authentication_failed"));
        Assert.That(_api.Requests, Has.Count.EqualTo(4), "a failure is not kept");
    }

    [Test]
    public async Task Forgets_a_token_that_is_refused_unless_it_is_new()
    {
        await GetAsync();
        Forget();
        await GetAsync();
        var kept = _api.Requests.Count;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Forget();

        await GetAsync();

        Assert.That((kept, _api.Requests.Count), Is.EqualTo((1, 2)));
    }

    [TestCase(0, 0, false)]
    [TestCase(0, 6, true)]
    [TestCase(10, 8, false)]
    [TestCase(10, 9, true)]
    [TestCase(3600, 3569, false)]
    [TestCase(3600, 3570, true)]
    public void Takes_a_token_for_expired_a_little_early(int life, int age, bool isExpired)
    {
        var issued = _clock.GetUtcNow();

        var token = new HttpToken("t", issued, TimeSpan.FromSeconds(life));

        Assert.That(token.IsExpired(issued.AddSeconds(age)), Is.EqualTo(isExpired));
    }

    private static ConnectorSettings With(string secret) => Settings.Of(new { url = "http://localhost/" }, new { client_secret = secret });

    private HttpAuth Auth() => new("oauth2_client_credentials", "X-Api-Key", $"{_api.Url}/token", "id", null);

    private Task<string> GetAsync(string secret = "s") => _tokens.GetAsync(With(secret), Auth(), default);

    private void Forget() => _tokens.Forget(With("s"), Auth());
}
