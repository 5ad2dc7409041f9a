using System.Text.Json;

namespace Platform.LocalSupabase.Tokens;

/// <summary>The payload of a token whose signature and times were checked.</summary>
internal sealed class TokenClaims(string json)
{
    private readonly JsonElement _payload = JsonElement.Parse(json);

    /// <summary>The payload as it was signed; it becomes <c>request.jwt.claims</c>.</summary>
    public string Json { get; } = json;

    public string? Subject => Text("sub");

    public string? Role => Text("role");

    public string? SessionId => Text("session_id");

    public string? Text(string claim) =>
        _payload.ValueKind == JsonValueKind.Object && _payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>Whether the claim is there and true.</summary>
    public bool Flag(string claim) =>
        _payload.ValueKind == JsonValueKind.Object && _payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Whether the token names nobody it is for, or this audience among others.</summary>
    public bool IsFor(string audience)
    {
        if (_payload.ValueKind != JsonValueKind.Object || !_payload.TryGetProperty("aud", out var value))
        {
            return true;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.ValueEquals(audience),
            JsonValueKind.Array => value.EnumerateArray().Any(entry => entry.ValueKind == JsonValueKind.String && entry.ValueEquals(audience)),
            _ => false,
        };
    }

    /// <summary>A claim in seconds since 1970. Fractions are allowed by RFC 7519.</summary>
    public double? Seconds(string claim) =>
        _payload.ValueKind == JsonValueKind.Object && _payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : null;
}
