using System.Collections.Concurrent;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Hooks;

/// <summary>A webhook as it stood when it was looked up.</summary>
internal sealed record Hook(Guid TriggerId, Guid WorkflowId, Guid UserId, DateTimeOffset UpdatedAt, int Version, CompiledVersion Compiled, byte[]? Key);

/// <summary>
/// The webhooks that were called lately. What is remembered is a hint: whether the trigger and the version still stand is decided by the
/// statement that inserts the execution.
/// </summary>
internal sealed class HookDirectory(IServiceScopeFactory scopes, VersionCache versions, EnvelopeCipher cipher, TimeProvider clock)
    : IDisposable
{
    // Whoever calls a webhook that is just being looked up waits for that: a burst of calls is not a burst of connections.
    private const int LookUpsAtOnce = 4;
    private const int MostHooks = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (Hook Hook, long At)> _hooks = new();
    private readonly SemaphoreSlim _turns = new(LookUpsAtOnce);

    /// <summary>The webhook of a token's hash; null if there is none that can be called.</summary>
    public async Task<Hook?> FindAsync(string tokenHash, CancellationToken cancellationToken)
    {
        if (Known(tokenHash) is { } known)
        {
            return known;
        }

        await _turns.WaitAsync(cancellationToken);
        try
        {
            return Known(tokenHash) ?? await LookUpAsync(tokenHash, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Forget(string tokenHash) => _hooks.TryRemove(tokenHash, out _);

    public void Dispose() => _turns.Dispose();

    private Hook? Known(string tokenHash) =>
        _hooks.TryGetValue(tokenHash, out var known) && clock.GetElapsedTime(known.At) < Lifetime ? known.Hook : null;

    private async Task<Hook?> LookUpAsync(string tokenHash, CancellationToken cancellationToken)
    {
        var found = await SendAsync(Caller.System("platform:webhooks"), new FindHookQuery(tokenHash), cancellationToken);
        if (found is null || await versions.FindAsync(found.UserId, found.WorkflowId, found.Version, cancellationToken) is not { } version)
        {
            return null;
        }

        byte[]? key = null;
        if (found.SecretEncrypted is { } sealedSecret)
        {
            var dataKey = await SendAsync(Caller.User(found.UserId), new GetUserDataKeyQuery(), cancellationToken);
            key = StandardWebhooks.KeyOf(HookSecrets.Open(cipher, dataKey, found.TriggerId, sealedSecret));
        }

        var hook = new Hook(found.TriggerId, found.WorkflowId, found.UserId, found.UpdatedAt, found.Version, version, key);
        if (_hooks.Count >= MostHooks)
        {
            _hooks.Clear();
        }

        _hooks[tokenHash] = (hook, clock.GetTimestamp());
        return hook;
    }

    private async Task<T> SendAsync<T>(Caller caller, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = caller;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}

internal sealed record FindHookQuery(string TokenHash) : IQuery<FoundHook?>;

internal sealed record FoundHook(Guid TriggerId, Guid WorkflowId, Guid UserId, DateTimeOffset UpdatedAt, int Version, JsonElement? SecretEncrypted);

internal sealed class FindHookHandler(WorkflowsDbContext db) : IRequestHandler<FindHookQuery, FoundHook?>
{
    public Task<FoundHook?> Handle(FindHookQuery request, CancellationToken cancellationToken) =>
        (from trigger in db.Triggers
         join workflow in db.Workflows on trigger.WorkflowId equals workflow.Id
         where trigger.TokenHash == request.TokenHash && trigger.Type == Trigger.Webhook && trigger.Status == "active"
             && workflow.PublishedVersion != null
         select new FoundHook(
             trigger.Id, workflow.Id, workflow.UserId, trigger.UpdatedAt, workflow.PublishedVersion!.Value, trigger.SecretEncrypted))
        .SingleOrDefaultAsync(cancellationToken);
}
