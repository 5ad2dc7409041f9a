using System.Net;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Profile;

public sealed class GetMeTests : PlatformTest
{
    private static readonly Uri Me = new("/api/v1/me", UriKind.Relative);

    [Test]
    public async Task Answers_with_the_person_of_the_token()
    {
        var alice = await SignInAsync();
        await SignInAsync();

        using var response = await alice.Client.GetAsync(Me);

        var me = await ExpectJsonAsync(response);
        Assert.That(me.GetProperty("id").GetGuid(), Is.EqualTo(alice.Id));
        Assert.That(me.GetProperty("email").GetString(), Is.EqualTo(alice.Email));
    }

    [Test]
    public async Task Answers_304_to_who_has_it()
    {
        var alice = await SignInAsync();
        using var first = await alice.Client.GetAsync(Me);
        using var request = new HttpRequestMessage(HttpMethod.Get, Me);
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var response = await alice.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(response.Headers.ETag, Is.EqualTo(first.Headers.ETag));
    }

    [Test]
    public async Task Answers_401_to_a_visitor()
    {
        using var response = await Visitor().GetAsync(Me);

        await ExpectProblemAsync(response, 401, "unauthorized");
    }
}
