using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>Where a mail leads, and what the application wants at the end: a session, or with a challenge a code.</summary>
internal sealed record MailTarget(string RedirectTo, CodeChallenge? Challenge);

/// <summary>A token as it leaves: the code to type, its hash, and the link that carries the hash.</summary>
internal sealed record IssuedToken(string Code, string Hash, string Link);

/// <summary>
/// Makes one-time tokens and the mails that carry them. Both are rows of the caller's transaction: the mail leaves when it commits.
/// </summary>
internal sealed class TokenMailer(
    LocalSupabaseOptions options, LetterWriter writer, MailLimits limits, GuessLimits guesses, TimeProvider clock)
{
    private const string PlainInQuery = "-._~:/?@";

    public async Task SendAsync(
        NpgsqlConnection connection, AuthUser user, MailKind kind, MailTarget target, CancellationToken cancellationToken)
    {
        var (lastSentAt, flowMethod) = kind switch
        {
            MailKind.Confirmation => (user.ConfirmationSentAt, FlowMethods.SignUp),
            // An administrator may ask twice.
            MailKind.Invite => (null, FlowMethods.Invite),
            MailKind.Recovery => (user.RecoverySentAt, FlowMethods.Recovery),
            MailKind.MagicLink => (user.RecoverySentAt, FlowMethods.MagicLink),
            MailKind.EmailChange => (user.EmailChangeSentAt, FlowMethods.EmailChange),
            _ => (user.ReauthenticationSentAt, ""),
        };
        var letters = LettersOf(user, kind);
        limits.Take(lastSentAt, letters.Count);
        if (target.Challenge is not null)
        {
            var flow = FlowState.Begin(
                target.Challenge, FlowMethods.ProviderOf(flowMethod), flowMethod, user.Id, target.RedirectTo, clock.GetUtcNow());
            await connection.BeginFlowAsync(flow, cancellationToken);
        }

        foreach (var (token, address) in letters)
        {
            await SendAsync(connection, user, kind, token, address, target, cancellationToken);
        }

        if (!options.Auth.Smtp.IsConfigured)
        {
            await connection.KeepNewestAsync(Inbox.Capacity, cancellationToken);
        }
    }

    private List<(TokenKind Token, string Address)> LettersOf(AuthUser user, MailKind kind) => kind switch
    {
        MailKind.Confirmation or MailKind.Invite => [(TokenKind.Confirmation, user.Email!)],
        MailKind.Recovery or MailKind.MagicLink => [(TokenKind.Recovery, user.Email!)],
        MailKind.EmailChange when options.Auth.SecureEmailChange && !string.IsNullOrEmpty(user.Email) =>
            [(TokenKind.EmailChangeCurrent, user.Email), (TokenKind.EmailChangeNew, user.NewEmail!)],
        MailKind.EmailChange => [(TokenKind.EmailChangeNew, user.NewEmail!)],
        _ => [(TokenKind.Reauthentication, user.Email!)],
    };

    /// <summary>Makes a token without a mail. It is good in place of an earlier one of its kind.</summary>
    public async Task<IssuedToken> IssueAsync(
        NpgsqlConnection connection, AuthUser user, MailKind kind, TokenKind token, string address, MailTarget target,
        CancellationToken cancellationToken)
    {
        var code = RandomNumberGenerator.GetString("0123456789", options.Auth.OtpLength);
        var hash = (target.Challenge is null ? "" : OneTimeToken.PkcePrefix) + OneTimeToken.HashOf(address, code);
        await connection.IssueAsync(new OneTimeToken(user.Id, token, hash, address), clock.GetUtcNow(), cancellationToken);
        guesses.CodeIssued(address);
        return new IssuedToken(code, hash, LinkOf(kind, hash, target.RedirectTo));
    }

    private async Task SendAsync(
        NpgsqlConnection connection, AuthUser user, MailKind kind, TokenKind token, string address, MailTarget target,
        CancellationToken cancellationToken)
    {
        var issued = await IssueAsync(connection, user, kind, token, address, target, cancellationToken);
        var letter = writer.Write(kind, address, new JsonObject
        {
            ["ConfirmationURL"] = issued.Link,
            ["Token"] = issued.Code,
            ["TokenHash"] = issued.Hash,
            ["SiteURL"] = options.SiteUrl,
            ["RedirectTo"] = target.RedirectTo,
            ["Email"] = user.Email ?? "",
            ["NewEmail"] = user.NewEmail ?? "",
            ["SendingTo"] = address,
            ["Data"] = user.UserMetadata.DeepClone(),
        });
        await connection.PutAsync(letter, options.Auth.Smtp.IsConfigured, cancellationToken);
    }

    private string LinkOf(MailKind kind, string hash, string redirectTo)
    {
        var type = kind switch
        {
            MailKind.Confirmation => "signup",
            MailKind.Invite => "invite",
            MailKind.Recovery => "recovery",
            MailKind.MagicLink => "magiclink",
            _ => "email_change",
        };
        return $"{options.AuthUrl}/verify?token={hash}&type={type}&redirect_to={Encode(redirectTo)}";
    }

    // A plain URL stays as it is, as clients of GoTrue expect to find it in the link.
    private static string Encode(string url) => url.All(letter => char.IsAsciiLetterOrDigit(letter) || PlainInQuery.Contains(letter))
        ? url
        : Uri.EscapeDataString(url);
}
