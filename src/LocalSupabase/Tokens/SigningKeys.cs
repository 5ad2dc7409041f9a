using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace Platform.LocalSupabase.Tokens;

/// <summary>
/// The project's keys: one that signs access tokens, those that signed earlier and still verify, and the shared secret that verifies
/// HS256.
/// </summary>
internal sealed class SigningKeys
{
    private const string SharedAlgorithm = SecurityAlgorithms.HmacSha256;

    private readonly Dictionary<string, JsonWebKey> _keys = new(StringComparer.Ordinal);

    public SigningKeys(LocalSupabaseOptions options)
    {
        Shared = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(options.JwtSecret));
        // Signed URLs get a key of their own, so that such a token can never pass as an API token.
        SignedUrls = new SymmetricSecurityKey(HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.JwtSecret), 32, info: "storage signed urls"u8.ToArray()));
        var keys = string.IsNullOrWhiteSpace(options.SigningKeyJwk) ? [] : Parse(options.SigningKeyJwk);
        foreach (var key in keys)
        {
            key.Alg = AlgorithmOf(key);
            key.Kid ??= Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
            if (!_keys.TryAdd(key.Kid, key))
            {
                throw Invalid($"Two keys have the kid {key.Kid}.");
            }
        }

        Credentials = keys.Count == 0 ? new SigningCredentials(Shared, SharedAlgorithm) : CredentialsOf(keys);
        PublicKeys = new JsonObject
        {
            ["keys"] = new JsonArray([.. keys.Where(key => key.Kty != JsonWebAlgorithmsKeyTypes.Octet).Select(PublicPart)]),
        }.ToJsonString();
    }

    public SymmetricSecurityKey Shared { get; }

    public SymmetricSecurityKey SignedUrls { get; }

    public SigningCredentials Credentials { get; }

    /// <summary>The JWKS document. A symmetric key is never in it.</summary>
    public string PublicKeys { get; }

    /// <summary>
    /// The key that may verify a token. The algorithm belongs to the key and not to the token, or a public key could be used as
    /// the secret of HS256.
    /// </summary>
    public SecurityKey? Find(string? keyId, string algorithm)
    {
        if (!string.IsNullOrEmpty(keyId) && _keys.TryGetValue(keyId, out var key))
        {
            return algorithm == key.Alg ? key : null;
        }

        return algorithm == SharedAlgorithm ? Shared : null;
    }

    /// <summary>One key, a list of keys, or a key set.</summary>
    private static List<JsonWebKey> Parse(string json)
    {
        try
        {
            var keys = JsonNode.Parse(json) switch
            {
                JsonArray list => list,
                JsonObject set when set["keys"] is JsonArray list => list,
                { } single => new JsonArray(single.DeepClone()),
                null => throw Invalid("null is no key."),
            };
            return [.. keys.Select(key => new JsonWebKey(key!.ToJsonString()))];
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or FormatException)
        {
            throw Invalid("They are no JSON Web Keys.", exception);
        }
    }

    private static string AlgorithmOf(JsonWebKey key) => key switch
    {
        { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256, Alg: null or "" or SecurityAlgorithms.EcdsaSha256 } =>
            SecurityAlgorithms.EcdsaSha256,
        { Kty: JsonWebAlgorithmsKeyTypes.RSA, KeySize: >= 2048, Alg: null or "" or SecurityAlgorithms.RsaSha256 } => SecurityAlgorithms.RsaSha256,
        { Kty: JsonWebAlgorithmsKeyTypes.Octet, KeySize: >= 256, Alg: null or "" or SharedAlgorithm } => SharedAlgorithm,
        _ => throw Invalid($"The key {key.Kid} is neither ES256 on P-256, nor RS256 of 2048 bits or more, nor HS256 of 256 bits or more."),
    };

    /// <summary>Exactly one key signs: the only one, or the one whose operations say so.</summary>
    private static SigningCredentials CredentialsOf(List<JsonWebKey> keys)
    {
        var signing = keys.Where(key => key.KeyOps.Contains("sign") || (keys.Count == 1 && key.KeyOps.Count == 0)).ToList();
        return signing is [{ } key] && (key.HasPrivateKey || key.Kty == JsonWebAlgorithmsKeyTypes.Octet)
            ? new SigningCredentials(key, key.Alg)
            : throw Invalid("Exactly one key, a private one, must have \"sign\" among its key_ops.");
    }

    private static JsonObject PublicPart(JsonWebKey key)
    {
        var jwk = new JsonObject
        {
            ["kty"] = key.Kty,
            ["kid"] = key.Kid,
            ["alg"] = key.Alg,
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

    private static LocalSupabaseException Invalid(string problem, Exception? reason = null) => new(
        "auth_keys_invalid", $"The keys that sign access tokens cannot be used. {problem}", "Correct Auth:Jwt:Keys.", reason);
}
