using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Streams;

internal sealed class UpdateStreamEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}/streams/{name}", HandleAsync).WithName("UpdateStream")
            .WithSummary("Read all of a stream, or only what is new by a column that grows; the next sync begins anew");

    private static async Task<Ok<StreamResponse>> HandleAsync(
        Guid id, string name, UpdateStreamBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateStreamCommand(id, name, body), cancellationToken));
}

/// <param name="Mode"><c>full</c> or <c>incremental</c>.</param>
/// <param name="CursorColumn">For <c>incremental</c>: the column that grows with every change.</param>
/// <param name="PrimaryKey">The columns that tell rows apart; null takes the source's own primary key.</param>
internal sealed record UpdateStreamBody(string Mode, string? CursorColumn = null, IReadOnlyList<string>? PrimaryKey = null);

internal sealed record UpdateStreamCommand(Guid ConnectorId, string Name, UpdateStreamBody Body) : ICommand<StreamResponse>;

internal sealed class UpdateStreamValidator : AbstractValidator<UpdateStreamCommand>
{
    public UpdateStreamValidator()
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
        RuleFor(command => command.Body.Mode).Must(mode => mode is ConnectorStream.Full or ConnectorStream.Incremental)
            .WithMessage("Must be one of full, incremental.");
        RuleFor(command => command.Body.CursorColumn).NotEmpty().MaximumLength(255)
            .When(command => command.Body.Mode == ConnectorStream.Incremental || command.Body.CursorColumn is not null);
        RuleFor(command => command.Body.PrimaryKey).Must(key => key is null or { Count: > 0 and <= ConnectorStream.MaxKeyColumns })
            .WithMessage($"Must name 1 to {ConnectorStream.MaxKeyColumns} columns, or be left out.");
        RuleForEach(command => command.Body.PrimaryKey).NotEmpty().MaximumLength(255);
    }
}

internal sealed class UpdateStreamHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<UpdateStreamCommand, StreamResponse>
{
    public async Task<StreamResponse> Handle(UpdateStreamCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var owner = await db.Connectors.AsNoTracking().Where(connector => connector.Id == request.ConnectorId)
            .Select(connector => (Guid?)connector.UserId).SingleOrDefaultAsync(cancellationToken) ?? throw ConnectorOpener.NotFound();
        var stream = await db.ConnectorStreams
            .SingleOrDefaultAsync(stream => stream.ConnectorId == request.ConnectorId && stream.Name == request.Name, cancellationToken);
        if (stream is null)
        {
            stream = ConnectorStream.Create(request.ConnectorId, owner, request.Name, now);
            db.ConnectorStreams.Add(stream);
        }

        var abandoned = stream.SetMode(request.Body.Mode, request.Body.CursorColumn, request.Body.PrimaryKey, now);
        if (abandoned.Count > 0)
        {
            db.Publish(new FilesAbandonedIntegrationEvent(request.ConnectorId, [.. abandoned.Select(file => file.Path)]));
        }

        return StreamResponse.From(stream);
    }
}
