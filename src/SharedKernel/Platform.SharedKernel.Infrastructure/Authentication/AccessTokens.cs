using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using NpgsqlTypes;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>A token that was found good.</summary>
internal sealed record AccessToken(Caller Caller, ClaimsPrincipal Principal, DateTimeOffset GoodUntil);

/// <summary>
/// Validates Supabase's access tokens: signature, issuer, audience, expiry, with the algorithm pinned to the key (RFC 8725, section 3.1),
/// and that person and session still stand. A good token is remembered for a short time, since a signature costs more than the rest of a
/// request; so an ended session and a ban take effect within that time, on every node.
/// </summary>
internal sealed class AccessTokens(
    SigningKeys keys, SupabaseAddress address, IOptions<SupabaseOptions> options, KernelDatabase database, TimeProvider clock)
{
    private const int MaxTokenLength = 16 * 1024;
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(4);
    private static readonly Caller AccessCheck = Caller.System("platform:check-access");
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };
    private readonly ConcurrentDictionary<string, AccessToken> _good = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<AccessToken?>>> _beingRead = new(StringComparer.Ordinal);

    private readonly SymmetricSecurityKey? _legacyKey =
        options.Value.JwtSecret.Length > 0 ? new SymmetricSecurityKey(Encoding.UTF8.GetBytes(options.Value.JwtSecret)) : null;

    public ValueTask<AccessToken?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (_good.TryGetValue(token, out var known))
        {
            if (known.GoodUntil > clock.GetUtcNow())
            {
                return ValueTask.FromResult<AccessToken?>(known);
            }

            _good.TryRemove(token, out _);
        }

        return token.Length <= MaxTokenLength ? new ValueTask<AccessToken?>(ReadOnceAsync(token, cancellationToken)) : default;
    }

    // Requests that come with the same token at the same time share one reading; none of them cancels it for the others.
    private async Task<AccessToken?> ReadOnceAsync(string token, CancellationToken cancellationToken)
    {
        var reading = _beingRead.GetOrAdd(token, text => new Lazy<Task<AccessToken?>>(() => RememberAsync(text)));
        return await reading.Value.WaitAsync(cancellationToken);
    }

    private async Task<AccessToken?> RememberAsync(string token)
    {
        try
        {
            var validated = await ReadAsync(token, clock.GetUtcNow(), CancellationToken.None);
            if (validated is not null)
            {
                if (_good.Count >= MaxRemembered)
                {
                    _good.Clear();
                }

                _good.TryAdd(token, validated);
            }

            return validated;
        }
        finally
        {
            _beingRead.TryRemove(token, out _);
        }
    }

    private async Task<AccessToken?> ReadAsync(string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!Handler.CanReadToken(token) || TryRead(token) is not { } jwt || await KeyOfAsync(jwt, cancellationToken) is not { } key)
        {
            return null;
        }

        var result = await Handler.ValidateTokenAsync(jwt, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = true,
            ValidAlgorithms = [jwt.Alg],
            ValidIssuer = address.Issuer,
            ValidAudience = "authenticated",
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateLifetime = true,
            ClockSkew = TimeSpan.FromSeconds(5),
            LifetimeValidator = (notBefore, expires, _, parameters) =>
                expires is { } end && end.Add(parameters.ClockSkew) > now.UtcDateTime
                && (notBefore is not { } start || start.Subtract(parameters.ClockSkew) <= now.UtcDateTime),
        });
        if (!result.IsValid || !Guid.TryParse(jwt.Subject, out var userId) || ClaimOf(jwt, "role") != "authenticated"
            || !await HasAccessAsync(userId, ClaimOf(jwt, "session_id"), cancellationToken))
        {
            return null;
        }

        var goodUntil = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero);
        var remembered = now + RememberedFor;
        return new AccessToken(
            Caller.FromToken(userId, Base64UrlEncoder.Decode(jwt.EncodedPayload)),
            Principal(jwt, userId),
            goodUntil < remembered ? goodUntil : remembered);
    }

    private async Task<bool> HasAccessAsync(Guid userId, string? sessionId, CancellationToken cancellationToken)
    {
        Guid? session = Guid.TryParse(sessionId, out var id) ? id : null;
        if (sessionId is not null && session is null)
        {
            return false;
        }

        var answers = await database.QueryAsync(
            AccessCheck,
            "select platform.has_access(@person, @session)",
            reader => reader.GetBoolean(0),
            cancellationToken,
            new NpgsqlParameter<Guid>("person", userId),
            new NpgsqlParameter("session", NpgsqlDbType.Uuid) { Value = (object?)session ?? DBNull.Value });
        return answers[0];
    }

    private static JsonWebToken? TryRead(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException)
        {
            return null;
        }
    }

    // The key decides the algorithm, never the token: HS256 is checked with the shared secret alone, never with a public key.
    private async ValueTask<SecurityKey?> KeyOfAsync(JsonWebToken jwt, CancellationToken cancellationToken)
    {
        if (jwt.Alg == SecurityAlgorithms.HmacSha256)
        {
            return _legacyKey;
        }

        var keyType = jwt.Alg switch
        {
            SecurityAlgorithms.EcdsaSha256 => JsonWebAlgorithmsKeyTypes.EllipticCurve,
            SecurityAlgorithms.RsaSha256 => JsonWebAlgorithmsKeyTypes.RSA,
            _ => null,
        };
        return keyType is not null && !string.IsNullOrEmpty(jwt.Kid)
            && await keys.FindAsync(jwt.Kid, cancellationToken) is JsonWebKey key && key.Kty == keyType
            ? key
            : null;
    }

    private static ClaimsPrincipal Principal(JsonWebToken jwt, Guid userId)
    {
        var identity = new ClaimsIdentity(BearerHandler.SchemeName, "sub", "staff_role");
        identity.AddClaim(new Claim("sub", userId.ToString()));
        if (jwt.TryGetPayloadValue<JsonElement>("app_metadata", out var metadata)
            && metadata.ValueKind == JsonValueKind.Object
            && metadata.TryGetProperty("role", out var role)
            && role.ValueKind == JsonValueKind.String)
        {
            identity.AddClaim(new Claim("staff_role", role.GetString()!));
        }

        return new ClaimsPrincipal(identity);
    }

    private static string? ClaimOf(JsonWebToken jwt, string name) =>
        jwt.TryGetPayloadValue<string>(name, out var value) ? value : null;
}
