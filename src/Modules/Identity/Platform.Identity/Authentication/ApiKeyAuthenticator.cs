using System.Collections.Concurrent;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Authentication;

/// <summary>
/// API keys. What is known of a key, also that it is none, is remembered for a moment, so that a busy key costs one look in a while; a
/// revoked one is refused by every node within that moment.
/// </summary>
internal sealed class ApiKeyAuthenticator(IServiceScopeFactory scopes, TimeProvider clock) : ICredentialAuthenticator
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<string, (Credential? Credential, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    public string Prefix => ApiKeySecret.Mark;

    public async ValueTask<Credential?> AuthenticateAsync(string text, CancellationToken cancellationToken)
    {
        if (!ApiKeySecret.HasForm(text))
        {
            return null;
        }

        var hash = ApiKeySecret.HashOf(text);
        var now = clock.GetUtcNow();
        if (_known.TryGetValue(hash, out var known) && known.Until > now)
        {
            return known.Credential;
        }

        var credential = await FindAsync(hash, cancellationToken);
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        _known[hash] = (credential, now + RememberedFor);
        return credential;
    }

    private async Task<Credential?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System("identity:use-api-key");
        var key = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new UseApiKeyCommand(hash), cancellationToken);
        return key is null
            ? null
            : new Credential(Credential.ApiKey, key.UserId, ClaimsOf(key), !key.Scopes.Contains(ApiKey.Write, StringComparer.Ordinal));
    }

    private static string ClaimsOf(UsedApiKey key) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["sub"] = key.UserId,
        ["role"] = "authenticated",
        ["api_key"] = new Dictionary<string, object> { ["id"] = key.Id, ["scopes"] = key.Scopes },
    });
}

/// <summary>Finds the owner of a key that is good, and notes its use.</summary>
internal sealed record UseApiKeyCommand(string Hash) : ICommand<UsedApiKey?>;

internal sealed record UsedApiKey(Guid Id, Guid UserId, string[] Scopes);

internal sealed class UseApiKeyHandler(IdentityDbContext db) : IRequestHandler<UseApiKeyCommand, UsedApiKey?>
{
    public async Task<UsedApiKey?> Handle(UseApiKeyCommand request, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<UsedApiKey>($"select id, user_id, scopes from identity.use_api_key({request.Hash})")
            .ToListAsync(cancellationToken))
        .SingleOrDefault();
}
