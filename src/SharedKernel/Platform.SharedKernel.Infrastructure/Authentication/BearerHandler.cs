using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>Reads the bearer token, or another credential in its place, and makes its person the scope's caller.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccessTokens tokens,
    IEnumerable<ICredentialAuthenticator> authenticators, ICurrentCaller caller)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";
    public const string CredentialClaim = "credential";
    public const string ReadOnlyClaim = "read_only";
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

        if (authenticators.FirstOrDefault(candidate => text.StartsWith(candidate.Prefix, StringComparison.Ordinal)) is { } authenticator)
        {
            return await authenticator.AuthenticateAsync(text, Context.RequestAborted) is { } credential
                ? Accept(credential)
                : AuthenticateResult.Fail("The credential is not good.");
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
        (Context.User.HasClaim(ReadOnlyClaim, "true") && !AccessRules.IsRead(Request.Method)
            ? new Problem(StatusCodes.Status403Forbidden, "read_only", "This session may only read.")
            : Context.User.HasClaim(CredentialClaim, Credential.ApiKey)
                ? new Problem(StatusCodes.Status403Forbidden, "api_key_not_allowed", "An API key cannot do this. Sign in.")
                : new Problem(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this.")).WriteAsync(Context);

    // It has no staff role, whatever its person's is.
    private AuthenticateResult Accept(Credential credential)
    {
        var identity = new ClaimsIdentity(SchemeName, "sub", "staff_role");
        identity.AddClaim(new Claim("sub", credential.UserId.ToString()));
        identity.AddClaim(new Claim(CredentialClaim, credential.Kind));
        if (credential.IsReadOnly)
        {
            identity.AddClaim(new Claim(ReadOnlyClaim, "true"));
            // Whatever the route does: every statement of the request is a read-only transaction, and a command is refused.
            Context.RequestServices.GetRequiredService<DbSession>().Mode = UnitOfWorkMode.Query;
        }

        caller.Caller = credential.IsReadOnly
            ? Caller.Reader(credential.UserId, credential.Claims)
            : Caller.FromToken(credential.UserId, credential.Claims);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
