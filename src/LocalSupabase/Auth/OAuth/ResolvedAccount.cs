using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>The user of an account elsewhere.</summary>
/// <param name="User">The user.</param>
/// <param name="Refusal">Why the user may not sign in yet; null where nothing is in the way.</param>
internal sealed record ResolvedAccount(AuthUser User, AuthException? Refusal)
{
    public AuthUser OrRefuse() => Refusal is null ? User : throw Refusal;
}
