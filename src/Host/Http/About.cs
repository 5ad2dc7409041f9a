using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Host.Http;

/// <summary>The front page: what this is, and where things are.</summary>
internal sealed record About(string Name, string Description, string? Version, IReadOnlyDictionary<string, string> Links)
{
    private static readonly About Page = new(
        "Platform", "The backend of an AI data workspace.", typeof(About).Assembly.GetName().Version?.ToString(3),
        new Dictionary<string, string>
        {
            ["api"] = "/api/v1",
            ["reference"] = "/docs",
            ["openapi"] = "/openapi/v1.json",
            ["health"] = "/health/ready",
            ["jobs"] = "/hangfire",
        });

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", () => TypedResults.Json(Page, PlatformJson.Options)).AllowAnonymous().ExcludeFromDescription();
}
