using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Exports;

/// <summary>The export's job begins, or begins again. False where there is nothing to do any more.</summary>
internal sealed record StartExportCommand(Guid Id) : ICommand<bool>;

/// <summary>The export has come to its end: with an artifact, or without one where it failed.</summary>
internal sealed record FinishExportCommand(Guid Id, Guid? ArtifactId) : ICommand;

internal sealed class StartExportHandler(IdentityDbContext db) : IRequestHandler<StartExportCommand, bool>
{
    public async Task<bool> Handle(StartExportCommand request, CancellationToken cancellationToken)
    {
        var export = await db.Exports.SingleOrDefaultAsync(export => export.Id == request.Id, cancellationToken);
        if (export is not { IsActive: true })
        {
            return false;
        }

        export.Start();
        db.Append(Export.TopicOf(export.Id), export.UserId, "export.started", new { export.Id });
        return true;
    }
}

internal sealed class FinishExportHandler(IdentityDbContext db, TimeProvider clock) : AsyncRequestHandler<FinishExportCommand>
{
    protected override async Task Handle(FinishExportCommand request, CancellationToken cancellationToken)
    {
        var export = await db.Exports.SingleOrDefaultAsync(export => export.Id == request.Id, cancellationToken);
        if (export is not { IsActive: true })
        {
            return;
        }

        if (request.ArtifactId is { } artifactId)
        {
            export.Succeed(artifactId, clock.GetUtcNow());
        }
        else
        {
            export.Fail(clock.GetUtcNow());
        }

        db.Append(Export.TopicOf(export.Id), export.UserId, "export.finished", new { export.Id, export.Status, export.ArtifactId }, final: true);
    }
}
