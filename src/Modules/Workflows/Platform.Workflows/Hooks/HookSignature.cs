using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Workflows.Hooks;

/// <summary>
/// Signatures of Standard Webhooks (specification 1.0.0): <c>webhook-signature: v1,BASE64</c> is the HMAC-SHA256 over
/// <c>webhook-id.webhook-timestamp.body</c>; of several signatures, parted by spaces, one has to be right.
/// </summary>
internal static class HookSignature
{
    private const string Version = "v1,";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong with a call's signature: the code of a problem, or null.</summary>
    public static string? FaultOf(byte[] key, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(signatures)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return "signature_missing";
        }

        // Far from now in either direction: a replay, or a clock that is wrong.
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
        {
            return "signature_expired";
        }

        var expected = Sign(key, id, timestamp!, body);
        var isRight = false;
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            isRight |= signature.StartsWith(Version, StringComparison.Ordinal)
                && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature[Version.Length..]));
        }

        return isRight ? null : "signature_invalid";
    }

    /// <summary>The signature of a call, without its version.</summary>
    public static string Sign(byte[] key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return Convert.ToBase64String(hmac.GetHashAndReset());
    }
}
