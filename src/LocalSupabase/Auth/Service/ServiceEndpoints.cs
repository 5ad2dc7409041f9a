using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Auth.Service;

/// <summary>What the service says about itself: health, settings, public keys.</summary>
internal static class ServiceEndpoints
{
    // The providers that clients list; each is off until it is configured.
    private static readonly string[] Providers =
    [
        "anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "figma", "fly", "github", "gitlab", "google", "kakao",
        "keycloak", "linkedin", "linkedin_oidc", "notion", "phone", "slack", "slack_oidc", "snapchat", "spotify", "twitch", "twitter",
        "workos", "zoom",
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => TypedResults.Json(new JsonObject
        {
            ["version"] = "local",
            ["name"] = "GoTrue",
            ["description"] = "The embedded auth server speaks the protocol of GoTrue.",
        })).WithMetadata(new WithoutApiKey());
        routes.MapGet("/settings", (LocalSupabaseOptions options) => TypedResults.Json(SettingsOf(options)));
        routes.MapGet("/.well-known/jwks.json", (HttpContext context, SigningKeys keys) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=600";
            return TypedResults.Text(keys.PublicKeys, "application/json");
        }).WithMetadata(new WithoutApiKey());
    }

    private static JsonObject SettingsOf(LocalSupabaseOptions options)
    {
        var external = new JsonObject { ["email"] = options.Auth.EmailEnabled };
        foreach (var provider in Providers.Union(options.OAuth.Providers.Keys))
        {
            external[provider] = options.OAuth.Providers.ContainsKey(provider);
        }

        external["anonymous_users"] = options.Auth.AllowAnonymous;
        external["phone"] = options.Auth.PhoneEnabled;

        return new JsonObject
        {
            ["external"] = external,
            ["disable_signup"] = options.DisableSignup,
            ["mailer_autoconfirm"] = options.AutoConfirm,
            ["phone_autoconfirm"] = options.Auth.PhoneAutoConfirm,
            ["sms_provider"] = "",
            ["saml_enabled"] = false,
            ["passkeys_enabled"] = false,
        };
    }
}
