using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Identity.Features.Profile;

internal sealed class GetPreferencesSchemaEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/preferences/schema", Handle).WithName("GetPreferencesSchema").WithSummary("Read the JSON Schema of preferences");

    private static Ok<JsonElement> Handle() => TypedResults.Ok(ProfileSchema.Preferences.Document);
}

internal sealed class GetSettingsSchemaEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/settings/schema", Handle).WithName("GetSettingsSchema").WithSummary("Read the JSON Schema of settings");

    private static Ok<JsonElement> Handle() => TypedResults.Ok(ProfileSchema.Settings.Document);
}
