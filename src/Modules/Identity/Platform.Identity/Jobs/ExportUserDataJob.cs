using System.Text.Json;
using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Contracts.Queries;
using Platform.Chat.Contracts.Queries;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Contracts.Queries;
using Platform.Identity.Features.Exports;
using Platform.Identity.Integration;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Supabase;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Queries;

namespace Platform.Identity.Jobs;

/// <summary>
/// Asks each module for what is the person's, as the person, and keeps the answers and the person's files as one ZIP. Killed anywhere
/// and run again, it begins anew: the artifact has the export's id, so there is one.
/// </summary>
internal sealed class ExportUserDataJob(IServiceScopeFactory scopes, StorageGateway storage, ILogger<ExportUserDataJob> logger)
{
    private static readonly (string Name, IQuery<JsonElement> Query)[] Parts =
    [
        ("identity", new ExportIdentityQuery()),
        ("connectors", new ExportConnectorsQuery()),
        ("dashboards", new ExportDashboardsQuery()),
        ("workflows", new ExportWorkflowsQuery()),
        ("chat", new ExportChatQuery()),
        ("artifacts", new ExportArtifactsQuery()),
    ];

    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    [Queue("maintenance")]
    public async Task RunAsync(Guid exportId, Guid ownerId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        if (!await mediator.Send(new StartExportCommand(exportId), cancellationToken))
        {
            return;
        }

        Guid? artifactId = null;
        try
        {
            await using var archive = new ExportArchive();
            await GatherAsync(archive, mediator, cancellationToken);
            var content = await archive.FinishAsync(cancellationToken);
            artifactId = (await mediator.Send(
                new CreateFileArtifactCommand(exportId, "Export of my data.zip", "application/zip", content), cancellationToken)).Id;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.ExportFailed(exception, exportId);
        }

        await mediator.Send(new FinishExportCommand(exportId, artifactId), cancellationToken);
    }

    private async Task GatherAsync(ExportArchive archive, IMediator mediator, CancellationToken cancellationToken)
    {
        foreach (var (name, query) in Parts)
        {
            await archive.AddAsync(name, await mediator.Send(query, cancellationToken), cancellationToken);
        }

        var last = ExportedFile.None;
        while (await mediator.Send(new ListFilesQuery(last), cancellationToken) is { Count: > 0 } files)
        {
            foreach (var file in files)
            {
                await archive.AddAsync(file, storage, cancellationToken);
            }

            last = files[^1];
        }
    }
}
