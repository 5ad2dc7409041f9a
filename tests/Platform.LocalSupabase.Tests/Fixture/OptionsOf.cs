using Platform.LocalSupabase.Auth.Options;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>Options for tests that need no server.</summary>
internal static class OptionsOf
{
    public static LocalSupabaseOptions Auth(AuthOptions auth) => new()
    {
        Url = () => "http://127.0.0.1:8080",
        JwtSecret = "",
        AnonKey = "",
        ServiceRoleKey = "",
        AuthConnectionString = "",
        RealtimeConnectionString = "",
        StorageConnectionString = "",
        AuthenticatorConnectionString = "",
        StorageDirectory = "",
        FunctionsDatabaseUrl = "",
        FunctionsCacheDirectory = "",
        Auth = auth,
    };
}
