using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Cleanup;
using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Mfa;
using Platform.LocalSupabase.Auth.OAuth;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Service;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Auth;

/// <summary>The auth API, <c>auth/v1</c>: the table of contents.</summary>
internal static class AuthEndpoints
{
    public static IServiceCollection AddAuth(this IServiceCollection services, LocalSupabaseOptions options) => services
        .AddSingleton<AuthDatabase>()
        .AddHostedService<SweepAuth>()
        .AddSingleton(new CustomAccessTokenHook(options))
        .AddSingleton<SessionAnswer>()
        .AddSingleton<SessionIssuer>()
        .AddSingleton<Bearer>()
        .AddSingleton<SignUp>()
        .AddSingleton<UpdateUser>()
        .AddMailFlows()
        .AddSingleton<IGrant, PasswordGrant>()
        .AddSingleton<IGrant, RefreshTokenGrant>()
        .AddSingleton<IGrant, Web3Grant>()
        .AddSingleton<Admin.ManageFactors>()
        .AddSingleton<Admin.UserLinks>()
        .AddSingleton<Admin.GenerateLink>()
        .AddMfa()
        .AddOAuth(options);

    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth/v1").AllowAnonymous().ExcludeFromDescription()
            .WithOpenCors("X-Total-Count, Link, X-Supabase-Api-Version");
        auth.AddEndpointFilter<AuthErrorFilter>();
        auth.AddEndpointFilter<ApiKeyGateway>();
        auth.AddEndpointFilter<AddressLimits>();

        ServiceEndpoints.Map(auth);
        SwitchedOff.Map(auth);
        SignUp.Map(auth);
        GrantToken.Map(auth);
        Logout.Map(auth);
        GetUser.Map(auth);
        UpdateUser.Map(auth);
        auth.MapMailFlows();
        Admin.ListUsers.Map(auth);
        Admin.CreateUser.Map(auth);
        Admin.GetUser.Map(auth);
        Admin.UpdateUser.Map(auth);
        Admin.DeleteUser.Map(auth);
        Admin.ManageFactors.Map(auth);
        Admin.GenerateLink.Map(auth);
        ReadAuditLog.Map(auth);
        MfaEndpoints.Map(auth);
        OAuthEndpoints.Map(auth);

        auth.Map("/{**path}", Unknown).WithMetadata(new WithoutApiKey());
    }

    private static IResult Unknown() => throw new AuthException(StatusCodes.Status404NotFound, "not_found", "404 page not found");
}
