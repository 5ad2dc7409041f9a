using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>
/// A hash of Argon2i or Argon2id (RFC 9106), written as <c>$argon2id$v=19$m=65536,t=3,p=4$salt$hash</c> with base64 that has no padding.
/// </summary>
internal sealed partial class Argon2Hash
{
    // What one guess may cost this server, whatever an imported hash says: 256 MiB, and a few seconds.
    private const int MaxKilobytes = 256 * 1024;
    private const int MaxIterations = 20;
    private const int MaxLanes = 16;
    private const int MaxBytes = 128;

    private readonly Argon2Parameters _parameters;
    private readonly byte[] _hash;

    private Argon2Hash(Argon2Parameters parameters, byte[] hash) => (_parameters, _hash) = (parameters, hash);

    /// <summary>Null for what is no such hash, or one that would cost too much to check.</summary>
    public static Argon2Hash? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success
            || match.Number("m", MaxKilobytes) is not { } kilobytes
            || match.Number("t", MaxIterations) is not { } iterations
            || match.Number("p", MaxLanes) is not { } lanes
            || match.Bytes("salt") is not { Length: > 0 and <= MaxBytes } salt
            || match.Bytes("hash") is not { Length: >= 4 and <= MaxBytes } hash
            || kilobytes < 8 * lanes)
        {
            return null;
        }

        var kind = match.Groups["kind"].Value == "argon2i" ? Argon2Parameters.Argon2i : Argon2Parameters.Argon2id;
        var parameters = new Argon2Parameters.Builder(kind)
            .WithVersion(Argon2Parameters.Version13).WithMemoryAsKB(kilobytes).WithIterations(iterations).WithParallelism(lanes)
            .WithSalt(salt).Build();
        return new Argon2Hash(parameters, hash);
    }

    public bool IsOf(string password)
    {
        var generator = new Argon2BytesGenerator();
        generator.Init(_parameters);
        var computed = new byte[_hash.Length];
        generator.GenerateBytes(Encoding.UTF8.GetBytes(password), computed);
        return CryptographicOperations.FixedTimeEquals(computed, _hash);
    }

    [GeneratedRegex(
        @"\A\$(?<kind>argon2id?)\$v=19\$m=(?<m>[0-9]+),t=(?<t>[0-9]+),p=(?<p>[0-9]+)\$(?<salt>[A-Za-z0-9+/]+)\$(?<hash>[A-Za-z0-9+/]+)\z",
        RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
