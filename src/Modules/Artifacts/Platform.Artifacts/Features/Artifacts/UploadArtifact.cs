using System.Security.Cryptography;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Contracts.Events;
using Platform.Artifacts.Domain;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Infrastructure.Supabase;
using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class UploadArtifactEndpoint : IEndpoint
{
    private const int MaxBytes = 50 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/upload", HandleAsync).WithName("UploadArtifact").WithSummary("Keep a file: multipart, field 'file'")
            .DisableAntiforgery()
            .WithMetadata(new RequestSizeLimitAttribute(MaxBytes + (64 * 1024)))
            .WithMetadata(new RequestFormLimitsAttribute { MultipartBodyLengthLimit = MaxBytes });

    private static async Task<Created<ArtifactResponse>> HandleAsync(
        IFormFile file, IMediator mediator, StorageGateway storage, ICurrentCaller caller, TimeProvider clock, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var contentType = string.IsNullOrEmpty(file.ContentType) ? "application/octet-stream" : file.ContentType;
        var path = $"{caller.UserId}/{id}";
        string hash;
        await using (var content = file.OpenReadStream())
        {
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        }

        // Bytes first, row second: a row never points at nothing. Bytes whose row did not come are the storage sweeper's.
        await using (var content = file.OpenReadStream())
        {
            await storage.EnsureBucketAsync(ArtifactsModule.Bucket, cancellationToken);
            await storage.UploadAsync(ArtifactsModule.Bucket, path, content, contentType, cancellationToken);
        }

        var stored = new StoredFile(path, contentType, file.Length, hash);
        var response = await mediator.Send(new KeepFileCommand(id, file.FileName, stored), cancellationToken);
        return TypedResults.Created($"/api/v1/artifacts/{response.Id}", response);
    }
}

internal sealed record KeepFileCommand(Guid Id, string Name, StoredFile File) : ICommand<ArtifactResponse>;

internal sealed class KeepFileValidator : AbstractValidator<KeepFileCommand>
{
    public KeepFileValidator() => RuleFor(command => command.Name).NotEmpty().MaximumLength(Artifact.MaxNameLength);
}

internal sealed class KeepFileHandler(ArtifactsDbContext db, ICurrentCaller caller, TimeProvider clock) : IRequestHandler<KeepFileCommand, ArtifactResponse>
{
    public Task<ArtifactResponse> Handle(KeepFileCommand request, CancellationToken cancellationToken)
    {
        var type = request.File.ContentType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) ? "image" : "file";
        var artifact = Artifact.CreateFile(request.Id, caller.UserId, type, request.Name, request.File, clock.GetUtcNow());
        db.Artifacts.Add(artifact);
        db.Publish(new ArtifactCreatedIntegrationEvent(artifact.Id, artifact.UserId, artifact.Type));
        return Task.FromResult(ArtifactMapping.ToResponse(artifact, db.VersionOf(artifact)));
    }
}
