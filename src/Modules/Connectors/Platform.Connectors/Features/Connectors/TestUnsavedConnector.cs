using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Schemas;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

internal sealed class TestUnsavedConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/test", HandleAsync).WithName("TestUnsavedConnector")
            .WithSummary("See whether a source would answer, without saving it");

    private static async Task<Ok<ConnectionTestResult>> HandleAsync(
        TestUnsavedConnectorQuery query, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(query, cancellationToken));
}

internal sealed record TestUnsavedConnectorQuery(
    string Type, JsonElement? Config = null, JsonElement? Credentials = null, string? Name = null)
    : IQuery<ConnectionTestResult>
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => $"TestUnsavedConnectorQuery {{ Type = {Type} }}";
}

internal sealed class TestUnsavedConnectorValidator : AbstractValidator<TestUnsavedConnectorQuery>
{
    public TestUnsavedConnectorValidator(ConnectorTypes types)
    {
        RuleFor(query => query.Type).Must(type => types.TryGet(type, out _)).WithMessage("Is not a known connector type.");
        RuleFor(query => query.Name).MaximumLength(Domain.Connector.MaxNameLength);
    }
}

internal sealed class TestUnsavedConnectorHandler(ConnectorTypes types, ICurrentCaller caller)
    : IRequestHandler<TestUnsavedConnectorQuery, ConnectionTestResult>
{
    public Task<ConnectionTestResult> Handle(TestUnsavedConnectorQuery request, CancellationToken cancellationToken)
    {
        var type = types.Of(request.Type);
        var (config, credentials) = (request.Config ?? ConnectorRules.Empty, request.Credentials ?? ConnectorRules.Empty);
        var errors = ConnectorRules.CheckConfig(type, config, "config")
            .Concat(JsonSchemaCheck.Check(type.CredentialsSchema, credentials, "credentials"))
            .Select(error => $"{error.Key}: {string.Join(' ', error.Value)}")
            .ToList();
        if (errors.Count > 0)
        {
            return Task.FromResult(new ConnectionTestResult(false, SourceFailure.InvalidConfig, string.Join(' ', errors), 0));
        }

        var opened = credentials.EnumerateObject()
            .ToDictionary(field => field.Name, field => field.Value.GetString()!, StringComparer.Ordinal);
        return type.TestAsync(new ConnectorSettings(caller.UserId, null, config, opened), cancellationToken);
    }
}
