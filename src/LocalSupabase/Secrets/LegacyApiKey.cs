using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Platform.LocalSupabase.Secrets;

/// <summary>The <c>anon</c> and <c>service_role</c> keys: JSON Web Tokens with a role and neither subject nor audience.</summary>
internal static class LegacyApiKey
{
    private const int YearsValid = 10;

    public static string Create(string role, string jwtSecret, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var claims = new LegacyApiKeyClaims("supabase", role, now.ToUnixTimeSeconds(), now.AddYears(YearsValid).ToUnixTimeSeconds());
        var header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, TokenJson.Default.LegacyApiKeyClaims));
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(jwtSecret), Encoding.ASCII.GetBytes($"{header}.{payload}"));
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }
}

internal sealed record LegacyApiKeyClaims(string Iss, string Role, long Iat, long Exp);
