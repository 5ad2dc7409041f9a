using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Limits;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>A way to get a session. A new one is one more class and its registration.</summary>
internal interface IGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    string GrantType { get; }

    Task<IResult> HandleAsync(HttpContext context);
}

/// <summary><c>POST /token</c>: finds the grant that the request names.</summary>
internal static class GrantToken
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/token", HandleAsync).WithMetadata(new LimitedByAddress(AddressLimit.Tokens));

    private static Task<IResult> HandleAsync(HttpContext context, IEnumerable<IGrant> grants)
    {
        var grantType = context.Request.Query["grant_type"].ToString();
        var grant = grants.FirstOrDefault(candidate => candidate.GrantType == grantType)
            ?? throw new AuthException(StatusCodes.Status400BadRequest, "invalid_credentials", "unsupported_grant_type");
        context.Response.Headers.CacheControl = "no-store";
        return grant.HandleAsync(context);
    }
}
