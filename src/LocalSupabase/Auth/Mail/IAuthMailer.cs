using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Mail;

/// <summary>Brings a link to the person it is for: the seam to mail servers.</summary>
internal interface IAuthMailer
{
    Task InviteAsync(AuthUser user, string link, string code, CancellationToken cancellationToken);
}

/// <summary>Where no mail server is known. The link is a secret and is not logged; an administrator can generate another.</summary>
internal sealed class UnsentMail(ILogger<UnsentMail> logger) : IAuthMailer
{
    public Task InviteAsync(AuthUser user, string link, string code, CancellationToken cancellationToken)
    {
        logger.InvitationNotSent(user.Id);
        return Task.CompletedTask;
    }
}
