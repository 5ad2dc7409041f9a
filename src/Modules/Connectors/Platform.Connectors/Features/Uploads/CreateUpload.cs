using System.Security.Cryptography;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Uploads;

internal sealed class CreateUploadEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var maxBytes = routes.ServiceProvider.GetRequiredService<IOptions<ConnectorsOptions>>().Value.MaxUploadMegabytes * 1024L * 1024;
        routes.MapPost("/", HandleAsync).WithName("CreateUpload").WithSummary("Upload a file for a file connector: multipart, field 'file'")
            .DisableAntiforgery()
            .WithMetadata(new RequestSizeLimitAttribute(maxBytes + (64 * 1024)))
            .WithMetadata(new RequestFormLimitsAttribute { MultipartBodyLengthLimit = maxBytes });
    }

    private static async Task<Created<UploadResponse>> HandleAsync(
        IFormFile file, IMediator mediator, ConnectorStorage storage, ICurrentCaller caller, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var path = $"{caller.UserId}/{id}";
        string hash;
        await using (var content = file.OpenReadStream())
        {
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        }

        // Bytes first, row second: a row never points at nothing.
        await storage.UploadAsync(ConnectorStorage.Uploads, path, file.OpenReadStream, cancellationToken);
        var command = new KeepUploadCommand(id, Path.GetFileName(file.FileName), file.ContentType, file.Length, hash, path);
        var response = await mediator.Send(command, cancellationToken);
        return TypedResults.Created($"/api/v1/uploads/{response.UploadId}", response);
    }
}

internal sealed record UploadResponse(Guid UploadId, string Name, long Bytes);

internal sealed record KeepUploadCommand(
    Guid Id, string Name, string? ContentType, long Bytes, string Sha256, string FilePath)
    : ICommand<UploadResponse>;

internal sealed class KeepUploadValidator : AbstractValidator<KeepUploadCommand>
{
    public KeepUploadValidator()
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Upload.MaxNameLength).OverridePropertyName("File");
        RuleFor(command => command.Bytes).GreaterThan(0).WithMessage("The file is empty.").OverridePropertyName("File");
        RuleFor(command => command.ContentType).MaximumLength(255).OverridePropertyName("File");
    }
}

internal sealed class KeepUploadHandler(ConnectorsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<KeepUploadCommand, UploadResponse>
{
    public Task<UploadResponse> Handle(KeepUploadCommand request, CancellationToken cancellationToken)
    {
        var upload = Upload.Create(
            request.Id, caller.UserId, request.Name, request.ContentType, request.Bytes, request.Sha256, request.FilePath,
            clock.GetUtcNow());
        db.Uploads.Add(upload);
        return Task.FromResult(new UploadResponse(upload.Id, upload.Name, upload.Bytes));
    }
}
