using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Platform.Testing;

/// <summary>Somebody who has an account.</summary>
public sealed record Person(Guid Id, string Email, string AccessToken);

/// <summary>A person with a client that is signed in.</summary>
public sealed class TestUser(Person person, HttpClient client) : IDisposable
{
    public Guid Id => person.Id;

    public string Email => person.Email;

    public string AccessToken => person.AccessToken;

    public HttpClient Client => client;

    public void Dispose() => client.Dispose();
}

/// <summary>Makes accounts and their tokens without the cost of a password hash. Sign-up itself has tests of its own.</summary>
internal sealed class People(string ownerConnectionString, string url, string signingKeyJwk)
{
    private static int _count;

    public async Task<Person> CreateAsync(string? staffRole)
    {
        var id = Guid.CreateVersion7();
        var email = $"person{Interlocked.Increment(ref _count)}@example.com";
        await using var connection = new NpgsqlConnection(ownerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, email_confirmed_at)
            values ($1, 'authenticated', 'authenticated', $2, '{}', '{}', now(), now(), now())
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = email });
        await command.ExecuteNonQueryAsync();
        return new Person(id, email, Token(id, email, staffRole));
    }

    /// <summary>A token of a session that stands in the database.</summary>
    public string TokenOf(Guid id, Guid session) => Token(id, $"{id}@example.com", null, session);

    private string Token(Guid id, string email, string? staffRole, Guid? session = null)
    {
        var key = new JsonWebKey(signingKeyJwk);
        var claims = new Dictionary<string, object>
        {
            ["sub"] = id.ToString(),
            ["email"] = email,
            ["role"] = "authenticated",
            ["aal"] = "aal1",
            ["is_anonymous"] = false,
            ["app_metadata"] = staffRole is null ? new Dictionary<string, object>() : new() { ["role"] = staffRole },
        };
        if (session is { } known)
        {
            claims["session_id"] = known.ToString();
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = $"{url}/auth/v1",
            Audience = "authenticated",
            IssuedAt = DateTime.UnixEpoch.AddSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()),
            Expires = DateTime.UnixEpoch.AddSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 3600),
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256),
            Claims = claims,
        });
    }
}
