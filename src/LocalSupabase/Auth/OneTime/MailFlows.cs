using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>Everything that goes through a mail or a message, and the limits that keep it from being misused.</summary>
internal static class MailFlows
{
    public static IServiceCollection AddMailFlows(this IServiceCollection services)
    {
        services.AddHttpClient(Captcha.ClientName, client => client.Timeout = TimeSpan.FromSeconds(10));
        services.AddHttpClient(NewPassword.ClientName, client => client.Timeout = TimeSpan.FromSeconds(5));
        return services
            .AddSingleton<TokenBuckets>()
            .AddSingleton<AddressLimits>()
            .AddSingleton<GuessLimits>()
            .AddSingleton<MailLimits>()
            .AddSingleton<Captcha>()
            .AddSingleton<RedirectTargets>()
            .AddSingleton<TokenMailer>()
            .AddSingleton<PhoneCodes>()
            .AddSingleton<Verification>()
            .AddSingleton<Accounts>()
            .AddSingleton<AnonymousSignUp>()
            .AddSingleton<PasswordHasher>()
            .AddSingleton<NewPassword>()
            .AddSingleton<PasswordChange>()
            .AddSingleton<AddressChange>()
            .AddSingleton<SendOtp>()
            .AddSingleton<Recover>()
            .AddSingleton<Resend>()
            .AddSingleton<Reauthenticate>()
            .AddSingleton<VerifyToken>()
            .AddSingleton<VerifyLink>()
            .AddSingleton<IGrant, PkceGrant>();
    }

    public static void MapMailFlows(this IEndpointRouteBuilder routes)
    {
        SendOtp.Map(routes);
        Recover.Map(routes);
        Resend.Map(routes);
        Reauthenticate.Map(routes);
        VerifyToken.Map(routes);
        VerifyLink.Map(routes);
    }
}
