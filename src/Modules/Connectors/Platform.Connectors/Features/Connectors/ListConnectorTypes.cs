using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Types;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.Connectors;

internal sealed class ListConnectorTypesEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", Handle).WithName("ListConnectorTypes").WithSummary("The kinds of sources, with the JSON Schemas of their forms");

    // The same for everybody and without the database: no message of its own.
    private static Ok<IReadOnlyList<ConnectorTypeResponse>> Handle(ConnectorTypes types) =>
        TypedResults.Ok<IReadOnlyList<ConnectorTypeResponse>>([.. types.All.Select(type => new ConnectorTypeResponse(
            type.Kind, type.Title, type.Capabilities, type.ConfigSchema, type.CredentialsSchema, type.Example))]);
}

internal sealed record ConnectorTypeResponse(
    string Type,
    string Title,
    IReadOnlyList<string> Capabilities,
    JsonElement ConfigSchema,
    JsonElement CredentialsSchema,
    JsonElement Example);
