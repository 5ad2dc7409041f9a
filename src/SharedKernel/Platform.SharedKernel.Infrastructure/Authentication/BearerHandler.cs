using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>Reads the bearer token and makes its person the scope's caller.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccessTokens tokens, ICurrentCaller caller)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";
    private const string Prefix = "Bearer ";

    /// <summary>Where a browser that watches the operators' pages keeps its token; read on those pages alone.</summary>
    public const string StaffCookie = "platform_staff";

    // The embedded Supabase reads its callers' tokens itself, by its own rules.
    private static readonly PathString[] OtherServices = ["/auth/v1", "/storage/v1", "/realtime/v1", "/functions/v1", "/rest/v1"];

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (OtherServices.Any(service => Request.Path.StartsWithSegments(service)))
        {
            return AuthenticateResult.NoResult();
        }

        var header = Request.Headers.Authorization.ToString();
        var text = header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? header[Prefix.Length..].Trim()
            : Request.Path.StartsWithSegments("/hangfire") ? Request.Cookies[StaffCookie] : null;
        if (string.IsNullOrEmpty(text))
        {
            return AuthenticateResult.NoResult();
        }

        var token = await tokens.ValidateAsync(text, Context.RequestAborted);
        if (token is null)
        {
            return AuthenticateResult.Fail("The token is not good.");
        }

        caller.Caller = token.Caller;
        return AuthenticateResult.Success(new AuthenticationTicket(token.Principal, SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return new Problem(StatusCodes.Status401Unauthorized, "unauthorized", "Sign in, and send the access token as a bearer token.")
            .WriteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new Problem(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this.").WriteAsync(Context);
}
