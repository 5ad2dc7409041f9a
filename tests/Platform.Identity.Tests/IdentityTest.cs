using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Identity.Tests;

/// <summary>A test of somebody's own account.</summary>
public abstract class IdentityTest : PlatformTest
{
    private const string Password = "a long enough password";

    /// <summary>A client that comes with a credential.</summary>
    protected HttpClient With(string credential)
    {
        var client = Visitor();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        return client;
    }

    /// <summary>Signs somebody up at Supabase Auth, or in again: unlike the short way of other tests, with a session.</summary>
    protected async Task<(Guid Id, HttpClient Client)> SignInWithSessionAsync(string email, string device = "Tests/1.0")
    {
        using var client = Visitor();
        client.DefaultRequestHeaders.Add("apikey", HostProcess.ReadConnection(Application.DataDirectory).GetProperty("anon_key").GetString());
        client.DefaultRequestHeaders.UserAgent.ParseAdd(device);
        using var signUp = await client.PostAsJsonAsync("/auth/v1/signup", new { email, password = Password });
        using var signIn = signUp.IsSuccessStatusCode
            ? signUp
            : await client.PostAsJsonAsync("/auth/v1/token?grant_type=password", new { email, password = Password });
        var session = await ExpectJsonAsync(signIn);
        return (session.GetProperty("user").GetProperty("id").GetGuid(), With(session.GetProperty("access_token").GetString()!));
    }

    protected static async Task<List<string?>> ActionsAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/api/v1/me/audit?limit=100", UriKind.Relative));
        var page = await ExpectJsonAsync(response);
        return [.. page.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("action").GetString())];
    }

    protected static async Task ExpectStatusAsync(HttpResponseMessage response, HttpStatusCode status) =>
        Assert.That(response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());

    /// <summary>Runs statements as the superuser; as a replica, none of the triggers that guard a table.</summary>
    protected static async Task ExecuteAsync(string sql, bool asReplica = false)
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(asReplica ? $"set local session_replication_role = replica; {sql}" : sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
