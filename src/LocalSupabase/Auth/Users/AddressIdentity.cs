using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>The claims of an identity that is an e-mail address and not an account at a provider.</summary>
internal static class AddressIdentity
{
    public static JsonObject Of(AuthUser user) => new()
    {
        ["sub"] = user.Id.ToString(),
        ["email"] = user.Email,
        ["email_verified"] = user.EmailConfirmedAt is not null,
        ["phone_verified"] = false,
    };

    public static JsonObject OfPhone(AuthUser user) => new()
    {
        ["sub"] = user.Id.ToString(),
        ["phone"] = user.Phone,
        ["email_verified"] = false,
        ["phone_verified"] = user.PhoneConfirmedAt is not null,
    };
}
