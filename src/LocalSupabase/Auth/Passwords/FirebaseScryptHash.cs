using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>
/// A hash of Firebase's scrypt, as GoTrue writes it: <c>$fbscrypt$v=1,n=14,r=8,p=1,ss=separator,sk=signer key$salt$hash</c>, all base64.
/// The project's signer key, encrypted under what scrypt makes of the password, is the hash.
/// </summary>
internal sealed partial class FirebaseScryptHash
{
    private const int KeyBytes = 32;

    // What one guess may cost this server, whatever an imported hash says.
    private const int MaxMemoryPower = 18;
    private const int MaxRounds = 16;
    private const int MaxLanes = 4;

    private readonly (int Cost, int Rounds, int Lanes) _parameters;
    private readonly byte[] _salt;
    private readonly byte[] _signerKey;
    private readonly byte[] _hash;

    private FirebaseScryptHash((int Cost, int Rounds, int Lanes) parameters, byte[] salt, byte[] signerKey, byte[] hash) =>
        (_parameters, _salt, _signerKey, _hash) = (parameters, salt, signerKey, hash);

    /// <summary>Null for what is no such hash, or one that would cost too much to check.</summary>
    public static FirebaseScryptHash? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success
            || match.Number("n", MaxMemoryPower) is not { } power
            || match.Number("r", MaxRounds) is not { } rounds
            || match.Number("p", MaxLanes) is not { } lanes
            || match.Bytes("salt") is not { } salt
            || match.Bytes("ss") is not { } separator
            || match.Bytes("sk") is not { Length: > 0 } signerKey
            || match.Bytes("hash") is not { Length: > 0 } hash)
        {
            return null;
        }

        return new FirebaseScryptHash((1 << power, rounds, lanes), [.. salt, .. separator], signerKey, hash);
    }

    public bool IsOf(string password)
    {
        var key = SCrypt.Generate(
            Encoding.UTF8.GetBytes(password), _salt, _parameters.Cost, _parameters.Rounds, _parameters.Lanes, KeyBytes);
        var cipher = new SicBlockCipher(new AesEngine());
        cipher.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(key), new byte[cipher.GetBlockSize()]));
        var computed = new byte[(_signerKey.Length + cipher.GetBlockSize() - 1) / cipher.GetBlockSize() * cipher.GetBlockSize()];
        _signerKey.CopyTo(computed, 0);
        for (var block = 0; block < computed.Length; block += cipher.GetBlockSize())
        {
            cipher.ProcessBlock(computed, block, computed, block);
        }

        return CryptographicOperations.FixedTimeEquals(computed.AsSpan(0, _signerKey.Length), _hash);
    }

    [GeneratedRegex(
        @"\A\$fbscrypt\$v=1,n=(?<n>[0-9]+),r=(?<r>[0-9]+),p=(?<p>[0-9]+)(,ss=(?<ss>[A-Za-z0-9+/=]+))?,sk=(?<sk>[A-Za-z0-9+/=]+)"
        + @"\$(?<salt>[A-Za-z0-9+/=]+)\$(?<hash>[A-Za-z0-9+/=]+)\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
