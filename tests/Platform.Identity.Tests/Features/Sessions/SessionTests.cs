using System.Net;

namespace Platform.Identity.Tests.Features.Sessions;

public sealed class SessionTests : IdentityTest
{
    private static readonly Uri Sessions = new("/api/v1/me/sessions", UriKind.Relative);

    [Test]
    public async Task Lists_where_a_person_is_signed_in_and_marks_the_current_session()
    {
        var (_, phone) = await SignInWithSessionAsync("alice@example.com", "Phone/1.0");
        await SignInWithSessionAsync("alice@example.com", "Laptop/2.0");
        await SignInWithSessionAsync("bob@example.com", "Tablet/3.0");

        using var response = await phone.GetAsync(Sessions);

        var sessions = (await ExpectJsonAsync(response)).GetProperty("items").EnumerateArray().ToList();
        Assert.That(sessions.Select(session => session.GetProperty("device").GetString()), Is.EquivalentTo(new[] { "Phone/1.0", "Laptop/2.0" }));
        Assert.That(sessions.Single(session => session.GetProperty("current").GetBoolean()).GetProperty("device").GetString(), Is.EqualTo("Phone/1.0"));
        Assert.That(sessions.Select(session => session.GetProperty("address").GetString()), Is.All.EqualTo("127.0.0.1"));
    }

    [Test]
    public async Task Pages_by_keyset()
    {
        var (_, client) = await SignInWithSessionAsync("alice@example.com");
        await SignInWithSessionAsync("alice@example.com");
        await SignInWithSessionAsync("alice@example.com");

        var first = await ExpectJsonAsync(await client.GetAsync(new Uri($"{Sessions}?limit=2", UriKind.Relative)));
        var second = await ExpectJsonAsync(await client.GetAsync(
            new Uri($"{Sessions}?limit=2&cursor={first.GetProperty("next_cursor").GetString()}", UriKind.Relative)));

        var ids = first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(session => session.GetProperty("id").GetGuid());
        Assert.That(ids.Distinct().Count(), Is.EqualTo(3));
    }

    [Test]
    public async Task Ends_a_session_of_ones_own()
    {
        var (id, client) = await SignInWithSessionAsync("alice@example.com");
        await SignInWithSessionAsync("alice@example.com", "Stolen/1.0");
        var stolen = await Application.ScalarAsync<Guid>("select id from auth.sessions where user_agent = 'Stolen/1.0'");

        using var response = await client.DeleteAsync(new Uri($"{Sessions}/{stolen}", UriKind.Relative));

        await ExpectStatusAsync(response, HttpStatusCode.NoContent);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from auth.sessions where user_id = $1", id), Is.EqualTo(1));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from auth.refresh_tokens where session_id = $1", stolen), Is.Zero);
        Assert.That(await ActionsAsync(client), Does.Contain("session.ended"));
    }

    [Test]
    public async Task Ends_no_session_of_anybody_else()
    {
        var (_, alice) = await SignInWithSessionAsync("alice@example.com");
        var (bob, _) = await SignInWithSessionAsync("bob@example.com");
        var session = await Application.ScalarAsync<Guid>("select id from auth.sessions where user_id = $1", bob);

        using var response = await alice.DeleteAsync(new Uri($"{Sessions}/{session}", UriKind.Relative));

        await ExpectProblemAsync(response, 404, "session_not_found");
        Assert.That(await Application.ScalarAsync<long>("select count(*) from auth.sessions where id = $1", session), Is.EqualTo(1));
    }
}
