using System.Text.Json.Nodes;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Storage.Signing;

/// <summary>
/// The tokens in signed URLs: for one object, one scope and a time. They carry no role, so none of them is an API key.
/// </summary>
internal sealed class SignedUrls(TokenSigner signer, TokenVerifier verifier, TimeProvider clock)
{
    public const string Download = "download";
    public const string Upload = "upload";

    /// <summary>A token for <c>bucket/key</c>.</summary>
    public string Sign(string bucket, string key, string scope, TimeSpan lifetime, params ReadOnlySpan<(string Name, JsonNode? Value)> claims)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject { ["url"] = $"{bucket}/{key}", ["scope"] = scope };
        foreach (var (name, value) in claims)
        {
            payload[name] = value;
        }

        payload["iat"] = now;
        payload["exp"] = now + (long)lifetime.TotalSeconds;
        return signer.SignUrl(payload);
    }

    /// <summary>The claims of a token that is good for this object and scope.</summary>
    /// <exception cref="StorageException">It is not, or not any more.</exception>
    public async Task<TokenClaims> VerifyAsync(string token, string bucket, string key, string scope)
    {
        var verification = await verifier.VerifySignedUrlAsync(token);
        if (verification.Claims is not { } claims)
        {
            throw StorageException.InvalidToken(StorageCallers.WordsFor(verification.Fault));
        }

        return claims.Text("url") == $"{bucket}/{key}" && claims.Text("scope") == scope ? claims : throw StorageException.InvalidSignature();
    }

    /// <summary>The URL as clients take it: they encode it themselves, so the key stands as it is; a question mark would end the path.</summary>
    public static string Url(string route, string bucket, string key, string token) =>
        $"{route}/{bucket}/{key}".Replace("?", "%3F", StringComparison.Ordinal) + $"?token={token}";
}
