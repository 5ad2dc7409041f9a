using System.Security.Cryptography;
using OtpNet;
using QRCoder;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>The secret that an authenticator app shares with the server: SHA-1, six digits, thirty seconds.</summary>
internal sealed class TotpSecret(string base32)
{
    private const int Bytes = 20;
    private const int Digits = 6;
    private const int Period = 30;
    private const int PixelsPerModule = 4;

    // Clocks differ: one step of skew each way.
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    public string Base32 { get; } = base32;

    public static TotpSecret New() => new(Base32Encoding.ToString(RandomNumberGenerator.GetBytes(Bytes)));

    public string Uri(string issuer, string account) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(account)}"
        + $"?algorithm=SHA1&digits={Digits}&issuer={System.Uri.EscapeDataString(issuer)}&period={Period}&secret={Base32}";

    /// <summary>An SVG without "#" in it: clients put it into a data URL, which would end there.</summary>
    public static string QrCode(string uri)
    {
        using var code = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(code);
        return svg.GetGraphic(PixelsPerModule, "black", "white");
    }

    /// <summary>The time step that the code belongs to; null when it is wrong.</summary>
    public long? StepOf(string code, DateTimeOffset now)
    {
        if (code.Length != Digits || !code.All(char.IsAsciiDigit))
        {
            return null;
        }

        var totp = new Totp(Base32Encoding.ToBytes(Base32), Period, OtpHashMode.Sha1, Digits);
        return totp.VerifyTotp(now.UtcDateTime, code, out var step, Window) ? step : null;
    }
}
