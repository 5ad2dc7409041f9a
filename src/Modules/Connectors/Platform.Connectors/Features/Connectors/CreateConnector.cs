using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

internal sealed class CreateConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("CreateConnector").WithSummary("Connect a data source; credentials are never given back");

    private static async Task<Created<ConnectorResponse>> HandleAsync(
        CreateConnectorCommand command, IMediator mediator, ICurrentCaller caller, SourceWarmUp warmUp, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(command, cancellationToken);
        warmUp.Begin(caller.UserId, response.Id, response.Type);
        return TypedResults.Created($"/api/v1/connectors/{response.Id}", response);
    }
}

internal sealed record CreateConnectorCommand(
    string Name, string Type, JsonElement? Config = null, JsonElement? Credentials = null, string? Schedule = null,
    string? TimeZone = null)
    : ICommand<ConnectorResponse>
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => $"CreateConnectorCommand {{ Type = {Type} }}";
}

internal sealed class CreateConnectorValidator : AbstractValidator<CreateConnectorCommand>
{
    public CreateConnectorValidator(ConnectorTypes types)
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Connector.MaxNameLength);
        RuleFor(command => command.Schedule).NotEmpty().MaximumLength(Connector.MaxScheduleLength).Must(ConnectorRules.IsSchedule)
            .WithMessage("Must be a cron expression of five fields.").When(command => command.Schedule is not null);
        RuleFor(command => command.TimeZone).NotEmpty().MaximumLength(Connector.MaxScheduleLength).Must(ConnectorRules.IsTimeZone)
            .WithMessage("Must be the IANA name of a time zone.").When(command => command.TimeZone is not null);
        RuleFor(command => command).Custom((command, context) =>
            ConnectorRules.CheckSettings(context, types, command.Type, command.Config, command.Credentials));
    }
}

internal sealed class CreateConnectorHandler(ConnectorsDbContext db, Credentials credentials, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateConnectorCommand, ConnectorResponse>
{
    public async Task<ConnectorResponse> Handle(CreateConnectorCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var connector = Connector.Create(
            Guid.CreateVersion7(now), caller.UserId, request.Name, request.Type, request.Config ?? ConnectorRules.Empty, now);
        connector.PutOnSchedule(
            request.Schedule, request.TimeZone, ConnectorRules.NextOf(request.Schedule, request.TimeZone, now), now);
        db.Connectors.Add(connector);
        await credentials.WriteAsync(connector, request.Credentials ?? ConnectorRules.Empty, isNew: true, cancellationToken);
        db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "created", now));
        return ConnectorResponse.From(connector, db.VersionOf(connector));
    }
}
