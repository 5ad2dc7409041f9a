using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace Platform.LocalSupabase.Tokens;

/// <summary>The project's keys: one that signs access tokens, and the shared secret that still verifies HS256.</summary>
internal sealed class SigningKeys
{
    public SigningKeys(LocalSupabaseOptions options)
    {
        Shared = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(options.JwtSecret));
        // Signed URLs get a key of their own, so that such a token can never pass as an API token.
        SignedUrls = new SymmetricSecurityKey(HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.JwtSecret), 32, info: "storage signed urls"u8.ToArray()));
        if (string.IsNullOrWhiteSpace(options.SigningKeyJwk))
        {
            Credentials = new SigningCredentials(Shared, SecurityAlgorithms.HmacSha256);
            PublicKeys = Document([]);
            return;
        }

        var key = new JsonWebKey(options.SigningKeyJwk);
        if (!key.HasPrivateKey || key.Kty is not (JsonWebAlgorithmsKeyTypes.EllipticCurve or JsonWebAlgorithmsKeyTypes.RSA))
        {
            throw new InvalidOperationException("SigningKeyJwk must be a private EC (P-256) or RSA key.");
        }

        var algorithm = key.Kty == JsonWebAlgorithmsKeyTypes.RSA ? SecurityAlgorithms.RsaSha256 : SecurityAlgorithms.EcdsaSha256;
        key.Kid ??= Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        Asymmetric = key;
        Credentials = new SigningCredentials(key, algorithm);
        PublicKeys = Document([PublicPart(key, algorithm)]);
    }

    public SymmetricSecurityKey Shared { get; }

    public SymmetricSecurityKey SignedUrls { get; }

    public SigningCredentials Credentials { get; }

    /// <summary>The JWKS document. A symmetric key is never in it.</summary>
    public string PublicKeys { get; }

    private JsonWebKey? Asymmetric { get; }

    /// <summary>
    /// The key that may verify a token. The algorithm belongs to the key and not to the token, or a public key could be used as
    /// the secret of HS256.
    /// </summary>
    public SecurityKey? Find(string? keyId, string algorithm)
    {
        if (Asymmetric is not null && keyId == Asymmetric.Kid)
        {
            return algorithm == Credentials.Algorithm ? Asymmetric : null;
        }

        return algorithm == SecurityAlgorithms.HmacSha256 ? Shared : null;
    }

    private static string Document(JsonArray keys) => new JsonObject { ["keys"] = keys }.ToJsonString();

    private static JsonObject PublicPart(JsonWebKey key, string algorithm)
    {
        var jwk = new JsonObject
        {
            ["kty"] = key.Kty,
            ["kid"] = key.Kid,
            ["alg"] = algorithm,
            ["use"] = "sig",
            ["key_ops"] = new JsonArray("verify"),
        };
        var parts = key.Kty == JsonWebAlgorithmsKeyTypes.RSA
            ? new[] { ("n", key.N), ("e", key.E) }
            : [("crv", key.Crv), ("x", key.X), ("y", key.Y)];
        foreach (var (name, value) in parts)
        {
            jwk[name] = value;
        }

        return jwk;
    }
}
