using System.Text.Json;

namespace Platform.Identity.Authentication;

/// <summary>When somebody proved who they are, as the claims of their token say.</summary>
internal static class SignIn
{
    /// <summary>
    /// The time of the newest method in <c>amr</c>. A refresh is no proof, and gives a token a new <c>iat</c>, which counts only where the
    /// token names no method.
    /// </summary>
    public static DateTimeOffset? TimeOf(string claims)
    {
        using var document = JsonDocument.Parse(claims);
        var times = document.RootElement.TryGetProperty("amr", out var methods) && methods.ValueKind == JsonValueKind.Array
            ? methods.EnumerateArray().Where(IsProof).Select(method => SecondsOf(method, "timestamp")).OfType<long>().ToList()
            : [];
        var seconds = times.Count > 0 ? times.Max() : SecondsOf(document.RootElement, "iat");
        return seconds is { } value ? DateTimeOffset.FromUnixTimeSeconds(value) : null;
    }

    private static bool IsProof(JsonElement method) =>
        method.ValueKind == JsonValueKind.Object
        && !(method.TryGetProperty("method", out var name) && name.ValueKind == JsonValueKind.String && name.GetString() == "token_refresh");

    private static long? SecondsOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) ? seconds : null;
}
