using System.Security.Cryptography;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Contracts.Events;
using Platform.Artifacts.Domain;
using Platform.Artifacts.Features.Artifacts;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Artifacts.Integration;

internal sealed class CreateFileArtifactValidator : AbstractValidator<CreateFileArtifactCommand>
{
    public CreateFileArtifactValidator()
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Artifact.MaxNameLength);
        RuleFor(command => command.ContentType).NotEmpty().MaximumLength(255);
    }
}

internal sealed class CreateFileArtifactHandler(ArtifactsDbContext db, StorageGateway storage, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateFileArtifactCommand, ArtifactResponse>
{
    public async Task<ArtifactResponse> Handle(CreateFileArtifactCommand request, CancellationToken cancellationToken)
    {
        // Bytes first, row second, and no transaction waits for the bytes: it begins with the first statement.
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(request.Content, cancellationToken));
        var file = new StoredFile($"{caller.UserId}/{request.Id}", request.ContentType, request.Content.Length, hash);
        await storage.EnsureBucketAsync(ArtifactsModule.Bucket, cancellationToken);
        request.Content.Position = 0;
        await storage.UploadAsync(ArtifactsModule.Bucket, file.Path, request.Content, file.ContentType, cancellationToken);

        if (await db.Artifacts.SingleOrDefaultAsync(artifact => artifact.Id == request.Id, cancellationToken) is { } made)
        {
            return ArtifactMapping.ToResponse(made, db.VersionOf(made));
        }

        var artifact = Artifact.CreateFile(request.Id, caller.UserId, "file", request.Name, file, clock.GetUtcNow());
        db.Artifacts.Add(artifact);
        db.Publish(new ArtifactCreatedIntegrationEvent(artifact.Id, artifact.UserId, artifact.Type));
        return ArtifactMapping.ToResponse(artifact, db.VersionOf(artifact));
    }
}
