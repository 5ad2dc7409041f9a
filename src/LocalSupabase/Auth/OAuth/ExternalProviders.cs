using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenIddict.Client;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>
/// Makes client registrations of settings. The library knows a hundred providers, each with a method and settings of its own; they
/// are found by name, so that a provider is switched on by configuration alone.
/// </summary>
internal static class ExternalProviders
{
    public const string CallbackPath = "auth/v1/callback";

    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    // Settings that are ours, or set in another way than by a method of their name.
    private static readonly HashSet<string> OwnSettings = ["scopes", "email_optional", "client_ids"];

    // What clients call a provider, where the library calls it something else.
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["azure"] = "Microsoft",
        ["linkedin_oidc"] = "LinkedIn",
        ["slack_oidc"] = "Slack",
        ["x"] = "Twitter",
    };

    // Without these a provider keeps the address to itself.
    private static readonly Dictionary<string, string[]> Scopes = new(StringComparer.Ordinal)
    {
        ["azure"] = ["openid", "email", "profile"],
        ["apple"] = ["email", "name"],
        ["discord"] = ["identify", "email"],
        ["facebook"] = ["email"],
        ["github"] = ["user:email"],
        ["gitlab"] = ["openid", "email", "profile"],
        ["google"] = ["openid", "email", "profile"],
        ["keycloak"] = ["openid", "email", "profile"],
        ["linkedin_oidc"] = ["openid", "email", "profile"],
        ["slack_oidc"] = ["openid", "email", "profile"],
        ["spotify"] = ["user-read-email"],
        ["twitch"] = ["openid", "user:read:email"],
    };

    public static bool IsEmailOptional(OAuthOptions options, string provider) =>
        options.Providers.TryGetValue(provider, out var settings)
        && settings.TryGetValue("email_optional", out var optional) && bool.TryParse(optional, out var value) && value;

    public static void Add(OpenIddictClientBuilder client, string name, Dictionary<string, string> settings)
    {
        Require(name, settings, "client_id");
        if (FindMethod(name) is { } method && (!settings.ContainsKey("issuer") || TakesIssuer(method)))
        {
            AddKnown(client.UseWebProviders(), method, name, settings);
            return;
        }

        Require(name, settings, "issuer");
        var registration = new OpenIddictClientRegistration
        {
            RegistrationId = name,
            ProviderName = name,
            Issuer = UriOf(name, "issuer", settings["issuer"]),
            ClientId = settings["client_id"],
            ClientSecret = settings.GetValueOrDefault("client_secret"),
            RedirectUri = new Uri(CallbackPath, UriKind.Relative),
        };
        registration.Scopes.UnionWith(ScopesOf(name, settings, ["openid", "email", "profile"]));
        client.AddRegistration(registration);
    }

    private static MethodInfo? FindMethod(string name)
    {
        var wanted = $"Add{Aliases.GetValueOrDefault(name, name).Replace("_", "", StringComparison.Ordinal)}";
        return typeof(OpenIddictClientWebIntegrationBuilder).GetMethods(Public).FirstOrDefault(method =>
            method.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)
            && method.GetParameters() is [{ ParameterType: { IsGenericType: true } type }]
            && type.GetGenericTypeDefinition() == typeof(Action<>));
    }

    // A provider that anybody may run for themselves, at an address of their own, is reached as any OpenID Connect server.
    private static bool TakesIssuer(MethodInfo method) =>
        method.GetParameters()[0].ParameterType.GetGenericArguments()[0].GetMethods(Public).Any(setter => setter.Name == "SetIssuer");

    private static void AddKnown(
        OpenIddictClientWebIntegrationBuilder builder, MethodInfo method, string name, Dictionary<string, string> settings)
    {
        var action = method.GetParameters()[0].ParameterType;
        var configure = typeof(KnownProvider).GetMethod(nameof(KnownProvider.Configure), Public)!
            .MakeGenericMethod(action.GetGenericArguments()[0]);
        method.Invoke(builder, BindingFlags.DoNotWrapExceptions, null, [configure.CreateDelegate(action, new KnownProvider(name, settings))], null);
    }

    private static string[] ScopesOf(string name, Dictionary<string, string> settings, string[] otherwise) =>
        settings.TryGetValue("scopes", out var scopes)
            ? scopes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
            : Scopes.GetValueOrDefault(name, otherwise);

    private static void Require(string name, Dictionary<string, string> settings, string setting)
    {
        if (!settings.TryGetValue(setting, out var value) || value.Length == 0)
        {
            throw Invalid($"The provider {name} has no {setting}.", $"Set Auth:Providers:{name}:{setting}, or remove the provider.");
        }
    }

    private static Uri UriOf(string name, string setting, string value) => Uri.TryCreate(value, UriKind.Absolute, out var uri)
        ? uri
        : throw Invalid($"{setting} of the provider {name} is no URL.", $"Correct Auth:Providers:{name}:{setting}.");

    private static LocalSupabaseException Invalid(string problem, string nextStep, Exception? reason = null) =>
        new("auth_provider_invalid", problem, nextStep, reason);

    /// <summary>What is missing stops the start; else every request would fail with it, since each asks whether it is a callback.</summary>
    public sealed class Check(IOptionsMonitor<OpenIddictClientOptions> options) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                options.Get(Microsoft.Extensions.Options.Options.DefaultName);
                return Task.CompletedTask;
            }
            catch (InvalidOperationException exception)
            {
                throw Invalid(exception.Message, "Complete the settings below Auth:Providers.", exception);
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>One provider's settings, carried over to the library's builder of that provider.</summary>
    private sealed class KnownProvider(string name, Dictionary<string, string> settings)
    {
        public void Configure<TBuilder>(TBuilder builder)
            where TBuilder : class
        {
            Call(builder, "SetProviderName", [typeof(string)], name);
            Call(builder, "SetRegistrationId", [typeof(string)], name);
            Call(builder, "SetRedirectUri", [typeof(string)], CallbackPath);
            Call(builder, "AddScopes", [typeof(string[])], ScopesOf(name, settings, []));
            foreach (var (setting, value) in settings.Where(setting => !OwnSettings.Contains(setting.Key)))
            {
                Set(builder, setting, value);
            }
        }

        private void Set(object builder, string setting, string value)
        {
            var wanted = $"Set{setting.Replace("_", "", StringComparison.Ordinal)}";
            var candidates = builder.GetType().GetMethods(Public)
                .Where(method => method.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase) && method.GetParameters().Length == 1);
            foreach (var method in candidates)
            {
                if (Convert(setting, value, method.GetParameters()[0].ParameterType) is { } converted)
                {
                    method.Invoke(builder, BindingFlags.DoNotWrapExceptions, null, [converted], null);
                    return;
                }
            }

            throw Invalid($"The provider {name} knows no setting {setting}.", $"Remove Auth:Providers:{name}:{setting}.");
        }

        private object? Convert(string setting, string value, Type type)
        {
            if (type == typeof(string))
            {
                return value;
            }

            if (type == typeof(Uri))
            {
                return UriOf(name, setting, value);
            }

            return type == typeof(bool) && bool.TryParse(value, out var flag) ? flag : null;
        }

        private static void Call(object builder, string method, Type[] types, object argument) =>
            builder.GetType().GetMethod(method, types)!.Invoke(builder, [argument]);
    }
}
