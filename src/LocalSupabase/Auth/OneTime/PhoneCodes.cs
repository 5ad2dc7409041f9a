using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>Codes for phones. There is no provider that sends them; numbers of the settings have a fixed code instead.</summary>
internal sealed class PhoneCodes(LocalSupabaseOptions options, MailLimits limits, GuessLimits guesses, TimeProvider clock)
{
    /// <summary>What the answer calls a message that was not sent.</summary>
    public const string MessageId = "test-otp";

    public async Task SendAsync(
        NpgsqlConnection connection, AuthUser user, TokenKind kind, string phone, CancellationToken cancellationToken)
    {
        if (!options.Auth.TestOtps.TryGetValue(phone, out var code))
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "sms_send_failed",
                "Error sending OTP to provider: no SMS provider is configured");
        }

        limits.TakeMessage(kind switch
        {
            TokenKind.PhoneChange => user.PhoneChangeSentAt,
            TokenKind.Reauthentication => user.ReauthenticationSentAt,
            _ => user.ConfirmationSentAt,
        });
        var token = new OneTimeToken(user.Id, kind, OneTimeToken.HashOf(phone, code), phone);
        await connection.IssueAsync(token, clock.GetUtcNow(), cancellationToken);
        guesses.CodeIssued(phone);
    }
}
