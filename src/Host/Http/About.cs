using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Host.Http;

/// <summary>The front page: what this is, and where things are.</summary>
internal static class About
{
    public static void MapAbout(this WebApplication app) =>
        app.MapGet("/", () => TypedResults.Json(
                new
                {
                    name = "Platform",
                    description = "The backend of an AI data workspace.",
                    version = typeof(About).Assembly.GetName().Version?.ToString(3),
                    links = new Dictionary<string, string>
                    {
                        ["api"] = "/api/v1",
                        ["reference"] = "/docs",
                        ["openapi"] = "/openapi/v1.json",
                        ["health"] = "/health/ready",
                        ["jobs"] = "/hangfire",
                    },
                },
                PlatformJson.Options))
            .AllowAnonymous()
            .ExcludeFromDescription();
}
