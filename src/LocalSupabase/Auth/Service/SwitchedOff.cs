using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Platform.LocalSupabase.Auth.Service;

/// <summary>
/// What other servers of this protocol can do and this one does not: refused in the words that clients know from a server where it is
/// switched off.
/// </summary>
internal static class SwitchedOff
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sso", () => Refuse("saml_provider_disabled", "SAML 2.0 is disabled"));
        routes.Map("/admin/sso/{**path}", () => Refuse("saml_provider_disabled", "SAML 2.0 is disabled"));
        routes.Map("/passkeys/{**path}", () => Refuse("passkey_disabled", "Passkeys are disabled"));
        routes.Map("/admin/oauth/{**path}", () => Refuse("feature_disabled", "OAuth server is disabled"));
    }

    private static IResult Refuse(string code, string message) => throw new AuthException(StatusCodes.Status404NotFound, code, message);
}
