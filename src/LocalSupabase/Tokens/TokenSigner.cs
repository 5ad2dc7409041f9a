using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Platform.LocalSupabase.Tokens;

/// <summary>Signs tokens. The payload is written by the caller, claim by claim: nothing is added to it.</summary>
internal sealed class TokenSigner(SigningKeys keys)
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public string Sign(JsonObject payload) => _handler.CreateToken(payload.ToJsonString(), keys.Credentials);

    public string SignUrl(JsonObject payload) =>
        _handler.CreateToken(payload.ToJsonString(), new SigningCredentials(keys.SignedUrls, SecurityAlgorithms.HmacSha256));

    public string SignForRole(string role, DateTimeOffset now, TimeSpan lifetime) => Sign(new JsonObject
    {
        ["iss"] = "supabase",
        ["role"] = role,
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
    });
}
