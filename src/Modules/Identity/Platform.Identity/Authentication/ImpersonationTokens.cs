using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Authentication;

/// <summary>
/// Tokens with which staff see for a while what a person sees. They are this API's own: a project's signing key is not at hand, and a
/// token of Supabase Auth would open its other services too. The payload is signed with a key that all nodes derive.
/// </summary>
internal sealed class ImpersonationTokens(MasterKeyRing masterKeys, IServiceScopeFactory scopes, TimeProvider clock)
    : ICredentialAuthenticator
{
    private const int MaxLength = 2048;
    private const int MaxRemembered = 1_000;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _goesOnUntil = new();
    private readonly byte[] _key = masterKeys.Derive("impersonation-tokens");

    public string Prefix => "pli_";

    public string Mint(Impersonation impersonation)
    {
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(impersonation));
        return $"{Prefix}{payload}.{Base64Url.EncodeToString(Sign(payload))}";
    }

    public async ValueTask<Credential?> AuthenticateAsync(string text, CancellationToken cancellationToken) =>
        Read(text) is { } impersonation && await GoesOnAsync(impersonation.Id, cancellationToken)
            ? new Credential(Credential.Impersonation, impersonation.UserId, ClaimsOf(impersonation), IsReadOnly: true)
            : null;

    // Remembered for a moment; one that was ended is refused by every node within that moment.
    private async Task<bool> GoesOnAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_goesOnUntil.TryGetValue(id, out var until) && until > now)
        {
            return true;
        }

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System("identity:check-impersonation");
        if (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new HasImpersonationEndedQuery(id), cancellationToken))
        {
            return false;
        }

        if (_goesOnUntil.Count >= MaxRemembered)
        {
            _goesOnUntil.Clear();
        }

        _goesOnUntil[id] = now + RememberedFor;
        return true;
    }

    private Impersonation? Read(string text)
    {
        var parts = text.Length <= MaxLength ? text[Prefix.Length..].Split('.') : [];
        if (parts.Length != 2 || !Base64Url.IsValid(parts[0]) || !Base64Url.IsValid(parts[1])
            || !CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(parts[1]), Sign(parts[0])))
        {
            return null;
        }

        var impersonation = JsonSerializer.Deserialize<Impersonation>(Base64Url.DecodeFromChars(parts[0]))!;
        return impersonation.ExpiresAt > clock.GetUtcNow() ? impersonation : null;
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

/// <summary>Whether an impersonation was ended before its time.</summary>
internal sealed record HasImpersonationEndedQuery(Guid Id) : IQuery<bool>;

internal sealed class HasImpersonationEndedHandler(IdentityDbContext db) : IRequestHandler<HasImpersonationEndedQuery, bool>
{
    public async Task<bool> Handle(HasImpersonationEndedQuery request, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<bool>($"select identity.impersonation_has_ended({request.Id}) as \"Value\"")
            .ToListAsync(cancellationToken))[0];
}
