using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>A token is good for as long as its session and its person: what ends them reaches the API within five seconds.</summary>
public sealed class EndedAccessTests : PlatformTest
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static int _count;

    [Test]
    public async Task A_signed_out_session_is_refused()
    {
        var (client, _) = await SignUpAsync();

        using var signedOut = await client.PostAsync(new Uri("/auth/v1/logout?scope=local", UriKind.Relative), null);

        Assert.That((int)signedOut.StatusCode, Is.EqualTo(204));
        await EventuallyAsync(async () => await StatusAsync(client) == 401, Bound);
    }

    [Test]
    public async Task A_banned_person_is_refused_and_let_in_again_afterwards()
    {
        var (client, userId) = await SignUpAsync();

        await Application.ScalarAsync<object>("update auth.users set banned_until = now() + interval '1 hour' where id = $1", userId);
        await EventuallyAsync(async () => await StatusAsync(client) == 401, Bound);

        await Application.ScalarAsync<object>("update auth.users set banned_until = null where id = $1", userId);
        await EventuallyAsync(async () => await StatusAsync(client) == 200, Bound);
    }

    [Test]
    public async Task A_deleted_person_is_refused()
    {
        var (client, userId) = await SignUpAsync();

        await Application.ScalarAsync<object>("delete from auth.users where id = $1", userId);

        await EventuallyAsync(async () => await StatusAsync(client) == 401, Bound);
    }

    private async Task<(HttpClient Client, Guid UserId)> SignUpAsync()
    {
        var connection = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Application.DataDirectory, "connection.json"))).RootElement;
        var client = Visitor();
        client.DefaultRequestHeaders.Add("apikey", connection.GetProperty("anon_key").GetString());
        using var response = await client.PostAsJsonAsync(
            "/auth/v1/signup", new { email = $"ended{Interlocked.Increment(ref _count)}@example.com", password = "a long enough password" });
        var session = await ExpectJsonAsync(response);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("access_token").GetString());
        Assert.That(await StatusAsync(client), Is.EqualTo(200));
        return (client, session.GetProperty("user").GetProperty("id").GetGuid());
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/api/v1/dashboards", UriKind.Relative));
        return (int)response.StatusCode;
    }
}
