namespace Platform.LocalSupabase.Postgres;

/// <summary>The database logins of the embedded mode.</summary>
public static class LoginNames
{
    /// <summary>The cluster's superuser; initdb makes it, and only start-up and the operator use it.</summary>
    public const string Superuser = "supabase_admin";

    /// <summary>Owns what migrations create; no superuser, just as in a Supabase project.</summary>
    public const string Owner = "postgres";

    /// <summary>Every login that has a password.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Superuser, Owner, "authenticator", "supabase_auth_admin", "supabase_storage_admin",
        "platform_api", "platform_worker", "platform_jobs",
    ];
}
