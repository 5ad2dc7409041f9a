using System.Collections.Frozen;
using Microsoft.IdentityModel.Tokens;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>
/// The project's public signing keys (RFC 7517), kept for ten minutes. A key that is not known is looked up at once, by one request for
/// all who ask, and at most every few seconds, so that forged key ids cost Supabase nothing.
/// </summary>
internal sealed class SigningKeys(IHttpClientFactory clients, SupabaseAddress address, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _refresh = new(1, 1);
    private volatile Snapshot _snapshot = new(FrozenDictionary<string, SecurityKey>.Empty, DateTimeOffset.MinValue);

    private sealed record Snapshot(FrozenDictionary<string, SecurityKey> Keys, DateTimeOffset ReadAt);

    public async ValueTask<SecurityKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        var snapshot = _snapshot;
        var age = clock.GetUtcNow() - snapshot.ReadAt;
        if (snapshot.Keys.TryGetValue(keyId, out var key) && age < KeptFor)
        {
            return key;
        }

        if (age >= LeastPause)
        {
            await RefreshAsync(snapshot, cancellationToken);
        }

        return _snapshot.Keys.GetValueOrDefault(keyId);
    }

    public void Dispose() => _refresh.Dispose();

    private async Task RefreshAsync(Snapshot seen, CancellationToken cancellationToken)
    {
        await _refresh.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(seen, _snapshot))
            {
                return;
            }

            using var client = clients.CreateClient(SupabaseHttp.Name);
            var json = await client.GetStringAsync($"{address.Issuer}/.well-known/jwks.json", cancellationToken);
            var keys = new JsonWebKeySet(json).Keys
                .Where(key => key.Kid is not null && key.Kty is JsonWebAlgorithmsKeyTypes.EllipticCurve or JsonWebAlgorithmsKeyTypes.RSA)
                .ToFrozenDictionary(key => key.Kid, SecurityKey (key) => key);
            _snapshot = new Snapshot(keys, clock.GetUtcNow());
        }
        catch (HttpRequestException)
        {
            // What is known stays good; the next try is after the pause.
            _snapshot = _snapshot with { ReadAt = clock.GetUtcNow() - KeptFor + LeastPause };
        }
        finally
        {
            _refresh.Release();
        }
    }
}
