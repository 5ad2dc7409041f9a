using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Platform.LocalSupabase.Secrets;

/// <summary>What stands in <c>secrets.json</c>.</summary>
internal sealed class SecretsDocument
{
    public required SigningKeyDocument SigningKey { get; init; }

    public required string JwtSecret { get; init; }

    public required string AnonKey { get; init; }

    public required string ServiceRoleKey { get; init; }

    public required MasterKeyDocument MasterKey { get; init; }

    public required Dictionary<string, string> Passwords { get; init; }

    /// <summary>False when a value was lost or cut short.</summary>
    public bool IsWhole() =>
        SigningKey.IsWhole()
        && JwtSecret.Length >= 32
        && AnonKey.Split('.').Length == 3
        && ServiceRoleKey.Split('.').Length == 3
        && MasterKey is { Id.Length: > 0, Key.Length: 44 }
        && Convert.TryFromBase64String(MasterKey.Key, stackalloc byte[33], out var length) && length == 32
        && Passwords.Values.All(password => password.Length > 0);
}

internal sealed class MasterKeyDocument
{
    public required string Id { get; init; }

    public required string Key { get; init; }
}

/// <summary>A private JSON Web Key on the curve P-256.</summary>
internal sealed class SigningKeyDocument
{
    private const int CoordinateBytes = 32;

    public required string Kty { get; init; }

    public required string Crv { get; init; }

    public required string Alg { get; init; }

    public required string Use { get; init; }

    public required string Kid { get; init; }

    public required string X { get; init; }

    public required string Y { get; init; }

    public required string D { get; init; }

    public static SigningKeyDocument Generate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        var x = Base64Url.EncodeToString(parameters.Q.X);
        var y = Base64Url.EncodeToString(parameters.Q.Y);

        // RFC 7638: the hash of the required members in alphabetical order.
        var thumbprint = SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""));
        return new SigningKeyDocument
        {
            Kty = "EC",
            Crv = "P-256",
            Alg = "ES256",
            Use = "sig",
            Kid = Base64Url.EncodeToString(thumbprint),
            X = x,
            Y = y,
            D = Base64Url.EncodeToString(parameters.D),
        };
    }

    public bool IsWhole() =>
        this is { Kty: "EC", Crv: "P-256", Alg: "ES256", Kid.Length: > 0 } && IsCoordinate(X) && IsCoordinate(Y) && IsCoordinate(D);

    private static bool IsCoordinate(string text) => Base64Url.IsValid(text, out var length) && length == CoordinateBytes;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SecretsDocument))]
[JsonSerializable(typeof(ConnectionDocument))]
internal sealed partial class SecretsJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SigningKeyDocument))]
[JsonSerializable(typeof(LegacyApiKeyClaims))]
internal sealed partial class TokenJson : JsonSerializerContext;
