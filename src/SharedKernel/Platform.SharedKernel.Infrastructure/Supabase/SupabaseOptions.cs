namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>The Supabase project, or the embedded server, which fills this in itself.</summary>
public sealed class SupabaseOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Supabase";

    /// <summary>The project's base URL. If left out, the Host serves the protocol itself.</summary>
    public string? Url { get; set; }

    /// <summary>The key of the role <c>anon</c>, or a publishable key.</summary>
    public string AnonKey { get; set; } = "";

    /// <summary>The key of the role <c>service_role</c>, or a secret key.</summary>
    public string ServiceRoleKey { get; set; } = "";

    /// <summary>The legacy HS256 secret; empty where the project signs with keys alone.</summary>
    public string JwtSecret { get; set; } = "";
}
