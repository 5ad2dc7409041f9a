namespace Platform.LocalSupabase.Auth.Hooks;

/// <summary>The function that may change the claims of access tokens.</summary>
public sealed class CustomAccessTokenOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Auth:Hooks:CustomAccessToken";

    /// <summary>
    /// A function of the database, `pg-functions://postgres/schema/function`, that takes the claims and gives them back;
    /// `supabase_auth_admin` must be allowed to call it.
    /// </summary>
    public string? Uri { get; set; }
}
