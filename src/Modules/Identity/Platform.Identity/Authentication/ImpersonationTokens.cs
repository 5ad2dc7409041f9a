using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Identity.Authentication;

/// <summary>
/// Tokens with which staff see for a while what a person sees. They are this API's own: a project's signing key is not at hand, and a
/// token of Supabase Auth would open its other services too. The payload is signed with a key that all nodes derive.
/// </summary>
internal sealed class ImpersonationTokens(MasterKeyRing masterKeys, TimeProvider clock) : ICredentialAuthenticator
{
    private const int MaxLength = 2048;
    private readonly byte[] _key = masterKeys.Derive("impersonation-tokens");

    public string Prefix => "pli_";

    public string Mint(Impersonation impersonation)
    {
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(impersonation));
        return $"{Prefix}{payload}.{Base64Url.EncodeToString(Sign(payload))}";
    }

    public ValueTask<Credential?> AuthenticateAsync(string text, CancellationToken cancellationToken) => ValueTask.FromResult(Read(text));

    private Credential? Read(string text)
    {
        var parts = text.Length <= MaxLength ? text[Prefix.Length..].Split('.') : [];
        if (parts.Length != 2 || !Base64Url.IsValid(parts[0]) || !Base64Url.IsValid(parts[1])
            || !CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(parts[1]), Sign(parts[0])))
        {
            return null;
        }

        var impersonation = JsonSerializer.Deserialize<Impersonation>(Base64Url.DecodeFromChars(parts[0]))!;
        return impersonation.ExpiresAt > clock.GetUtcNow()
            ? new Credential(Credential.Impersonation, impersonation.UserId, ClaimsOf(impersonation), IsReadOnly: true)
            : null;
    }

    private byte[] Sign(string payload) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(payload));

    private static string ClaimsOf(Impersonation impersonation) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["sub"] = impersonation.UserId,
        ["role"] = "authenticated",
        ["act"] = new Dictionary<string, object> { ["sub"] = impersonation.StaffId },
        ["jti"] = impersonation.Id,
        ["exp"] = impersonation.ExpiresAt.ToUnixTimeSeconds(),
    });
}

/// <summary>Who looks at whose account, and until when.</summary>
internal sealed record Impersonation(Guid Id, Guid UserId, Guid StaffId, DateTimeOffset ExpiresAt);
