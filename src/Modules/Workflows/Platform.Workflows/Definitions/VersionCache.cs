using System.Collections.Concurrent;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Definitions;

/// <summary>A published version, read once: it never changes.</summary>
/// <param name="Graph">Its steps.</param>
/// <param name="Settings">Its config.</param>
/// <param name="Vars">What expressions see as <c>vars</c>, as JSON text.</param>
internal sealed record CompiledVersion(WorkflowGraph Graph, WorkflowSettings Settings, string Vars)
{
    /// <summary>Reads what was found valid.</summary>
    public static CompiledVersion Of(JsonElement steps, JsonElement config)
    {
        var settings = WorkflowSettings.Read(config);
        return new CompiledVersion(WorkflowGraph.Read(steps), settings, settings.Vars?.GetRawText() ?? "{}");
    }

    /// <summary>The same, tried once.</summary>
    public CompiledVersion WithoutRetries() =>
        this with { Graph = new WorkflowGraph([.. Graph.Steps.Select(step => step with { Retry = null })]) };
}

/// <summary>The published versions that this node has used lately.</summary>
internal sealed class VersionCache(IServiceScopeFactory scopes)
{
    private const int MostVersions = 1000;
    private readonly ConcurrentDictionary<(Guid WorkflowId, int Version), CompiledVersion> _versions = new();

    /// <summary>A version, or null if it is gone with its workflow.</summary>
    public async ValueTask<CompiledVersion?> FindAsync(Guid userId, Guid workflowId, int version, CancellationToken cancellationToken)
    {
        if (_versions.TryGetValue((workflowId, version), out var known))
        {
            return known;
        }

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(userId);
        var found = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new FindVersionQuery(workflowId, version), cancellationToken);
        if (found is null)
        {
            return null;
        }

        var compiled = CompiledVersion.Of(found.Steps, found.Config);
        if (_versions.Count >= MostVersions)
        {
            _versions.Clear();
        }

        _versions[(workflowId, version)] = compiled;
        return compiled;
    }
}

internal sealed record FindVersionQuery(Guid WorkflowId, int Version) : IQuery<VersionDocument?>;

internal sealed record VersionDocument(JsonElement Steps, JsonElement Config);

internal sealed class FindVersionHandler(WorkflowsDbContext db) : IRequestHandler<FindVersionQuery, VersionDocument?>
{
    public Task<VersionDocument?> Handle(FindVersionQuery request, CancellationToken cancellationToken) =>
        db.WorkflowVersions.AsNoTracking()
            .Where(version => version.WorkflowId == request.WorkflowId && version.Version == request.Version)
            .Select(version => new VersionDocument(version.Steps, version.Config))
            .SingleOrDefaultAsync(cancellationToken);
}
