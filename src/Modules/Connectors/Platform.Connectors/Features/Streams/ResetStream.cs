using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Streams;

internal sealed class ResetStreamEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/streams/{name}/reset", HandleAsync).WithName("ResetStream")
            .WithSummary("Forget what was read of a stream; the next sync begins anew");

    private static async Task<Ok<StreamResponse>> HandleAsync(
        Guid id, string name, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ResetStreamCommand(id, name), cancellationToken));
}

internal sealed record ResetStreamCommand(Guid ConnectorId, string Name) : ICommand<StreamResponse>;

internal sealed class ResetStreamValidator : AbstractValidator<ResetStreamCommand>
{
    public ResetStreamValidator() => RuleFor(command => command.Name).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
}

internal sealed class ResetStreamHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<ResetStreamCommand, StreamResponse>
{
    public async Task<StreamResponse> Handle(ResetStreamCommand request, CancellationToken cancellationToken)
    {
        var stream = await db.ConnectorStreams
            .SingleOrDefaultAsync(stream => stream.ConnectorId == request.ConnectorId && stream.Name == request.Name, cancellationToken)
            ?? throw new NotFoundException("stream_not_found", "There is no such stream.");
        var abandoned = stream.Reset(clock.GetUtcNow());
        if (abandoned.Count > 0)
        {
            db.Publish(new FilesAbandonedIntegrationEvent(request.ConnectorId, [.. abandoned.Select(file => file.Path)]));
        }

        return StreamResponse.From(stream);
    }
}
