using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Workflows.Hooks;

/// <summary>Checks what senders sign: of several signatures, parted by spaces, one has to be right, and the time has to be about now.</summary>
internal static class HookSignature
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Throws where a call is not signed as it has to be.</summary>
    public static void Require(byte[] key, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(signatures)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            throw new UnauthenticatedException("signature_missing", "The call is not signed as it has to be.");
        }

        // Far from now in either direction: a replay, or a clock that is wrong.
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
        {
            throw new UnauthenticatedException("signature_expired", "The call was not signed just now.");
        }

        var expected = Encoding.ASCII.GetBytes(StandardWebhooks.Sign(key, id, timestamp!, body));
        var isRight = false;
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            isRight |= signature.StartsWith(StandardWebhooks.Version, StringComparison.Ordinal)
                && CryptographicOperations.FixedTimeEquals(expected, Encoding.ASCII.GetBytes(signature[StandardWebhooks.Version.Length..]));
        }

        if (!isRight)
        {
            throw new UnauthenticatedException("signature_invalid", "The call's signature is not right.");
        }
    }
}
