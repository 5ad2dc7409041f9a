using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.Connectors.Schemas;
using Platform.Connectors.Types;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

internal sealed class UpdateConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateConnector")
            .WithSummary("Change a connector; config and credentials merge");

    private static async Task<Ok<ConnectorResponse>> HandleAsync(
        Guid id, UpdateConnectorBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateConnectorCommand(id, body), cancellationToken));
}

internal sealed record UpdateConnectorBody
{
    public Optional<string> Name { get; init; }

    public Optional<JsonElement> Config { get; init; }

    public Optional<JsonElement> Credentials { get; init; }

    public Optional<string?> Schedule { get; init; }

    public Optional<string?> TimeZone { get; init; }

    public Optional<bool> Paused { get; init; }

    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => nameof(UpdateConnectorBody);
}

internal sealed record UpdateConnectorCommand(Guid Id, UpdateConnectorBody Body) : ICommand<ConnectorResponse>;

internal sealed class UpdateConnectorValidator : AbstractValidator<UpdateConnectorCommand>
{
    public UpdateConnectorValidator()
    {
        RuleFor(command => command.Body.Name.Value).NotEmpty()
            .MaximumLength(Connector.MaxNameLength).When(command => command.Body.Name.IsSet);
        RuleFor(command => command.Body.Config.Value).Must(IsObject).WithMessage("'Config' must be an object.")
            .When(command => command.Body.Config.IsSet);
        RuleFor(command => command.Body.Credentials.Value).Must(IsObject).WithMessage("'Credentials' must be an object.")
            .When(command => command.Body.Credentials.IsSet);
        RuleFor(command => command.Body.Schedule.Value).NotEmpty()
            .MaximumLength(Connector.MaxScheduleLength).Must(ConnectorRules.IsSchedule)
            .WithMessage("Must be a cron expression of five fields.")
            .When(command => command.Body.Schedule is { IsSet: true, Value: not null });
        RuleFor(command => command.Body.TimeZone.Value).NotEmpty()
            .MaximumLength(Connector.MaxScheduleLength).Must(ConnectorRules.IsTimeZone)
            .WithMessage("Must be the IANA name of a time zone.")
            .When(command => command.Body.TimeZone is { IsSet: true, Value: not null });
    }

    private static bool IsObject(JsonElement value) => value.ValueKind == JsonValueKind.Object;
}

internal sealed class UpdateConnectorHandler(ConnectorsDbContext db, ConnectorTypes types, Credentials credentials, TimeProvider clock)
    : IRequestHandler<UpdateConnectorCommand, ConnectorResponse>
{
    public async Task<ConnectorResponse> Handle(UpdateConnectorCommand request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.SingleOrDefaultAsync(connector => connector.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var (body, now) = (request.Body, clock.GetUtcNow());
        if (body.Name.IsSet)
        {
            connector.Rename(body.Name.Value, now);
        }

        if (body.Schedule.IsSet || body.TimeZone.IsSet)
        {
            var schedule = body.Schedule.IsSet ? body.Schedule.Value : connector.Schedule;
            var timeZone = body.TimeZone.IsSet ? body.TimeZone.Value : connector.TimeZone;
            connector.PutOnSchedule(schedule, timeZone, ConnectorRules.NextOf(schedule, timeZone, now), now);
        }

        if (body.Paused.IsSet)
        {
            connector.Pause(body.Paused.Value, now);
        }

        if (body.Config.IsSet)
        {
            var config = MergePatch.Apply(connector.Config, body.Config.Value);
            ThrowIfAny(ConnectorRules.CheckConfig(types.Of(connector.Type), config, "$.config"));
            connector.Configure(config, now);
        }

        if (body.Credentials.IsSet)
        {
            ThrowIfAny(JsonSchemaCheck.Check(
                types.Of(connector.Type).CredentialsSchema, WithoutRemoved(body.Credentials.Value), "$.credentials"));
            await credentials.WriteAsync(connector, body.Credentials.Value, isNew: false, cancellationToken);
        }

        if (body.Config.IsSet || body.Credentials.IsSet)
        {
            // Another source, or other eyes: what differs is no change of the source.
            db.Schemas.RemoveRange(await db.Schemas.Where(schema => schema.ConnectorId == request.Id).ToListAsync(cancellationToken));
        }

        db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "changed", now));
        return ConnectorResponse.From(connector, db.VersionOf(connector));
    }

    private static void ThrowIfAny(IReadOnlyDictionary<string, string[]> errors)
    {
        if (errors.Count > 0)
        {
            throw new RuleViolationException("validation_failed", "The request breaks rules; see errors.", errors);
        }
    }

    private static JsonElement WithoutRemoved(JsonElement credentials) => JsonSerializer.SerializeToElement(
        credentials.EnumerateObject()
            .Where(field => field.Value.ValueKind != JsonValueKind.Null).ToDictionary(field => field.Name, field => field.Value));
}
