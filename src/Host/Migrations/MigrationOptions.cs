namespace Platform.Host.Migrations;

/// <summary>Which files to apply, and as whom.</summary>
internal sealed record MigrationOptions
{
    /// <summary>The folder of schema folders.</summary>
    public string Directory { get; init; } = Path.Combine(AppContext.BaseDirectory, "migrations");

    /// <summary>The login that owns the schemas (<c>postgres</c>): a direct or session-pooled connection to the primary.</summary>
    public required string OwnerConnectionString { get; init; }

    /// <summary>Embedded mode alone: the superuser, who first makes what a Supabase project already has.</summary>
    public string? SuperuserConnectionString { get; init; }

    /// <summary>Embedded mode alone: the passwords that logins get in the transaction that creates them.</summary>
    public IReadOnlyDictionary<string, string> LoginPasswords { get; init; } = new Dictionary<string, string>();
}
